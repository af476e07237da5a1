CREATE TABLE "idempotency_keys" (
	"root_id" text NOT NULL,
	"id" text NOT NULL,
	"request" text NOT NULL,
	"holder" text NOT NULL,
	"held_until" timestamp (3) with time zone NOT NULL,
	"changed" text,
	"answer" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_root_id_id_pk" PRIMARY KEY("root_id","id")
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "prices" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "webhooks" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE POLICY "tenant" ON "idempotency_keys" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("idempotency_keys"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("idempotency_keys"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policies hold for the table's owner as well.
ALTER TABLE "idempotency_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_keys" TO gaia_app;--> statement-breakpoint
-- Takes away what has run out, of all tenants: row-level security shows a job no tenant at all. It tells how many and nothing
-- else; at most so many at once that nobody waits for it, and what is left goes with the next call.
CREATE FUNCTION gaia_drop_idempotency_keys() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
	WITH gone AS (
		DELETE FROM public.idempotency_keys
		WHERE (root_id, id) IN (
			SELECT root_id, id FROM public.idempotency_keys
			WHERE expires_at < now() ORDER BY expires_at LIMIT 10000
			FOR UPDATE SKIP LOCKED
		)
		RETURNING 1
	)
	SELECT count(*) FROM gone
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION gaia_drop_idempotency_keys() FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION gaia_drop_idempotency_keys() TO gaia_app;
