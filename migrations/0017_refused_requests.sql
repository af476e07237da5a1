CREATE TABLE "refused_requests" (
	"id" text NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"dialect" text NOT NULL,
	"operation" text NOT NULL,
	"requested_model" text,
	"client" text,
	"status" integer NOT NULL,
	"error_code" text NOT NULL,
	"param" text,
	"message" text,
	"limit_id" text,
	"repeated" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "refused_requests_pkey" PRIMARY KEY("root_id","id")
);
--> statement-breakpoint
ALTER TABLE "refused_requests" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "refused_requests_root_id_at_idx" ON "refused_requests" USING btree ("root_id","at","id");--> statement-breakpoint
CREATE INDEX "refused_requests_key_id_idx" ON "refused_requests" USING btree ("root_id","key_id","at");--> statement-breakpoint
CREATE INDEX "refused_requests_at_idx" ON "refused_requests" USING btree ("at");--> statement-breakpoint
CREATE POLICY "tenant" ON "refused_requests" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("refused_requests"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("refused_requests"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policy holds for the table's owner as well.
ALTER TABLE "refused_requests" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
GRANT SELECT, INSERT ON "refused_requests" TO gaia_app;--> statement-breakpoint
-- Takes away what is older than a month, of all tenants, as gaia_drop_idempotency_keys does.
CREATE FUNCTION gaia_expire_refused(most integer) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
	WITH gone AS (
		DELETE FROM public.refused_requests
		WHERE (root_id, id) IN (
			SELECT root_id, id FROM public.refused_requests
			WHERE at < now() - interval '30 days' ORDER BY at LIMIT most
			FOR UPDATE SKIP LOCKED
		)
		RETURNING 1
	)
	SELECT count(*) FROM gone
$$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION gaia_delete_usage(root text, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
	deleted bigint;
BEGIN
	DELETE FROM public.usage_events e WHERE (e.event_id, e.rev, e.day) IN (
		SELECT o.event_id, o.rev, o.day FROM public.usage_events o WHERE o.root_id = root LIMIT most
	);
	GET DIAGNOSTICS deleted = ROW_COUNT;
	IF deleted < most THEN
		DELETE FROM public.usage_quarters q WHERE q.root_id = root;
		DELETE FROM public.usage_hour_organizations h WHERE h.root_id = root;
		DELETE FROM public.usage_hours h WHERE h.root_id = root;
		DELETE FROM public.usage_hour_labels h WHERE h.root_id = root;
		DELETE FROM public.usage_hour_requests h WHERE h.root_id = root;
		DELETE FROM public.usage_day_models d WHERE d.root_id = root;
		DELETE FROM public.usage_sessions s WHERE s.root_id = root;
		DELETE FROM public.usage_day_totals d WHERE d.root_id = root;
		DELETE FROM public.usage_days d WHERE d.root_id = root;
		DELETE FROM public.usage_day_labels d WHERE d.root_id = root;
		DELETE FROM public.usage_rollups r WHERE r.root_id = root;
		DELETE FROM public.usage_horizons h WHERE h.root_id = root;
		DELETE FROM public.refused_requests r WHERE r.root_id = root;
		RETURN 0;
	END IF;
	RETURN deleted;
END
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION gaia_expire_refused(integer) FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION gaia_expire_refused(integer) TO gaia_app;
