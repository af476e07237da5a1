CREATE TABLE "limits" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text,
	"metric" text NOT NULL,
	"window" text NOT NULL,
	"amount" bigint NOT NULL,
	"mode" text NOT NULL,
	"thresholds" integer[] NOT NULL,
	"override_amount" bigint,
	"override_until" timestamp (3) with time zone,
	"fallback_percent" integer,
	"fallback_model" text,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "limits_amount_check" CHECK ("limits"."amount" >= 0 and coalesce("limits"."override_amount", 0) >= 0),
	CONSTRAINT "limits_override_check" CHECK (("limits"."override_amount" is null) = ("limits"."override_until" is null)),
	CONSTRAINT "limits_fallback_check" CHECK (("limits"."fallback_percent" is null) = ("limits"."fallback_model" is null)),
	CONSTRAINT "limits_now_check" CHECK (("limits"."metric" = 'concurrent_requests') = ("limits"."window" = 'now'))
);
--> statement-breakpoint
ALTER TABLE "limits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "prices" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"model" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone,
	"price" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "prices_validity_check" CHECK ("prices"."valid_until" is null or "prices"."valid_until" > "prices"."valid_from")
);
--> statement-breakpoint
ALTER TABLE "prices" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "reconciliations" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"compared" integer NOT NULL,
	"differences" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reconciliations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"delivery_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"root_id" text NOT NULL,
	"webhook_id" text NOT NULL,
	"event" text NOT NULL,
	"body" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" integer,
	"error" text,
	"duration_ms" integer NOT NULL,
	"delivered" boolean NOT NULL,
	"next_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY("root_id","delivery_id","attempt")
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"url" text NOT NULL,
	"sealed_secret" text NOT NULL,
	"events" text[] NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"removed_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "webhooks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "settings" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "list_cost_nano" bigint;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "provider_cost_nano" bigint;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "held_nano" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "output_cap" integer;--> statement-breakpoint
-- By hand: moved up, the foreign key below needs it.
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_root_id_id_key" UNIQUE("root_id","id");--> statement-breakpoint
ALTER TABLE "limits" ADD CONSTRAINT "limits_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "limits" ADD CONSTRAINT "limits_key_fk" FOREIGN KEY ("root_id","key_id") REFERENCES "public"."api_keys"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prices" ADD CONSTRAINT "prices_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "limits_one_of_a_kind" ON "limits" USING btree ("root_id","organization_id",coalesce("key_id", ''),"metric","window") WHERE "limits"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "limits_root_id_organization_id_idx" ON "limits" USING btree ("root_id","organization_id");--> statement-breakpoint
CREATE INDEX "prices_root_id_model_idx" ON "prices" USING btree ("root_id","model");--> statement-breakpoint
CREATE INDEX "reconciliations_root_id_at_idx" ON "reconciliations" USING btree ("root_id","at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_webhook_idx" ON "webhook_deliveries" USING btree ("root_id","webhook_id","at");--> statement-breakpoint
CREATE INDEX "webhooks_root_id_organization_id_idx" ON "webhooks" USING btree ("root_id","organization_id");--> statement-breakpoint
CREATE POLICY "tenant" ON "limits" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("limits"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("limits"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "prices" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("prices"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("prices"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "reconciliations" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("reconciliations"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("reconciliations"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "webhook_deliveries" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("webhook_deliveries"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("webhook_deliveries"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "webhooks" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("webhooks"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("webhooks"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policies hold for the tables' owner as well.
ALTER TABLE "limits" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "prices" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "reconciliations" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "webhooks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- What ended keeps its row: nothing may be deleted. The log of deliveries and comparisons is append-only.
GRANT SELECT, INSERT, UPDATE ON "limits", "prices", "webhooks" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT ON "reconciliations", "webhook_deliveries" TO gaia_app;--> statement-breakpoint
-- The roots that were used since a moment, for the scheduled comparison: row-level security shows a job no tenant at all.
-- It tells ids and nothing else. Each root's sums are looked up by their key, so that it does not read those of all times.
CREATE FUNCTION gaia_active_roots(since timestamp with time zone) RETURNS TABLE (root_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
	SELECT o.id FROM public.organizations o
	WHERE o.id = o.root_id
		AND EXISTS (SELECT FROM public.usage_rollups r WHERE r.root_id = o.id AND r.hour >= since)
	ORDER BY 1
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION gaia_active_roots(timestamp with time zone) FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION gaia_active_roots(timestamp with time zone) TO gaia_app;
