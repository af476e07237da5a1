-- Written by drizzle-kit from drizzle/schema, then by hand where marked: what the schema language cannot say.

-- By hand: the application's role. Made in SQL (a role made in Neon's console bypasses row-level security) and without a
-- password: drizzle/migrate.ts sets that from DATABASE_URL. Roles belong to the whole server: it may exist already.
DO $$
BEGIN
	CREATE ROLE gaia_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
	NULL;
END
$$;--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"name" text NOT NULL,
	"mac" text NOT NULL,
	"hint" text NOT NULL,
	"permissions" text[] NOT NULL,
	"strict" boolean DEFAULT false NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"disabled_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_mac_unique" UNIQUE("mac")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"root_id" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"prev_hash" text,
	"hash" text NOT NULL,
	CONSTRAINT "audit_log_chain_key" UNIQUE NULLS NOT DISTINCT("root_id","prev_hash")
);
--> statement-breakpoint
ALTER TABLE "audit_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "memberships" (
	"user_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"root_id" text NOT NULL,
	"role" text NOT NULL,
	CONSTRAINT "memberships_pkey" PRIMARY KEY("user_id","organization_id"),
	CONSTRAINT "memberships_role_check" CHECK ("memberships"."role" in ('owner', 'admin', 'member', 'viewer'))
);
--> statement-breakpoint
ALTER TABLE "memberships" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"parent_id" text,
	"name" text NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"config_version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "organizations_root_id_id_key" UNIQUE("root_id","id"),
	CONSTRAINT "organizations_root_check" CHECK (("organizations"."parent_id" is null) = ("organizations"."id" = "organizations"."root_id"))
);
--> statement-breakpoint
ALTER TABLE "organizations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"root_id" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"user_agent" text
);
--> statement-breakpoint
ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "setup_tokens" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"used_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_events" (
	"event_id" text NOT NULL,
	"rev" integer NOT NULL,
	"day" date NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text NOT NULL,
	"session_id" text,
	"agent_id" text,
	"client" text,
	"end_user" text,
	"tags" jsonb NOT NULL,
	"dialect" text NOT NULL,
	"operation" text NOT NULL,
	"provider" text NOT NULL,
	"simulated" boolean NOT NULL,
	"requested_model" text NOT NULL,
	"upstream_model" text NOT NULL,
	"served_model" text,
	"streamed" boolean NOT NULL,
	"price_version" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"status" integer NOT NULL,
	"error_code" text,
	"attempts" integer NOT NULL,
	"stop_reason" text,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"raw_usage" jsonb,
	"exact" boolean NOT NULL,
	"cost_nano" bigint NOT NULL,
	"ttft_ms" integer,
	"duration_ms" integer NOT NULL,
	"upstream_request_id" text,
	CONSTRAINT "usage_events_pkey" PRIMARY KEY("event_id","rev","day")
) PARTITION BY RANGE ("day"); -- by hand: PARTITION BY
--> statement-breakpoint
ALTER TABLE "usage_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_rollups" (
	"hour" timestamp (3) with time zone NOT NULL,
	"root_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text NOT NULL,
	"model" text NOT NULL,
	"provider" text NOT NULL,
	"status_class" integer NOT NULL,
	"requests" bigint NOT NULL,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"cost_nano" bigint NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_rollups_pkey" PRIMARY KEY("root_id","hour","organization_id","key_id","model","provider","status_class")
);
--> statement-breakpoint
ALTER TABLE "usage_rollups" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"root_id" text NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email"),
	CONSTRAINT "users_root_id_id_key" UNIQUE("root_id","id"),
	CONSTRAINT "users_email_check" CHECK ("users"."email" = lower("users"."email"))
);
--> statement-breakpoint
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_fk" FOREIGN KEY ("root_id","organization_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_parent_fk" FOREIGN KEY ("root_id","parent_id") REFERENCES "public"."organizations"("root_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_fk" FOREIGN KEY ("root_id","user_id") REFERENCES "public"."users"("root_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_root_id_organizations_id_fk" FOREIGN KEY ("root_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_root_id_organization_id_idx" ON "api_keys" USING btree ("root_id","organization_id");--> statement-breakpoint
CREATE INDEX "audit_log_root_id_id_idx" ON "audit_log" USING btree ("root_id","id");--> statement-breakpoint
CREATE INDEX "memberships_root_id_organization_id_idx" ON "memberships" USING btree ("root_id","organization_id");--> statement-breakpoint
CREATE INDEX "sessions_root_id_user_id_idx" ON "sessions" USING btree ("root_id","user_id");--> statement-breakpoint
CREATE INDEX "usage_events_root_id_idx" ON "usage_events" USING btree ("root_id","event_id");--> statement-breakpoint
CREATE INDEX "usage_events_organization_id_idx" ON "usage_events" USING btree ("root_id","organization_id","event_id");--> statement-breakpoint
CREATE INDEX "usage_events_key_id_idx" ON "usage_events" USING btree ("root_id","key_id","event_id");--> statement-breakpoint
CREATE POLICY "tenant" ON "api_keys" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("api_keys"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("api_keys"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "audit_log" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("audit_log"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("audit_log"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "memberships" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("memberships"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("memberships"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "organizations" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("organizations"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("organizations"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "sessions" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("sessions"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("sessions"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_events" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_events"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_events"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_rollups" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_rollups"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_rollups"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "users" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("users"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("users"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "sign_in" ON "users" AS PERMISSIVE FOR SELECT TO "gaia_app" USING ("users"."email" = nullif(current_setting('app.sign_in', true), ''));--> statement-breakpoint
-- By hand from here on. FORCE: the policies hold for the tables' owner as well.
ALTER TABLE "api_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "audit_log" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "memberships" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "organizations" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sessions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_events" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_rollups" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "users" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- What the application may do. Events and the audit log are append-only; nothing is granted on partitions, which are
-- reached through their parent only.
GRANT USAGE ON SCHEMA public TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "organizations", "api_keys", "users", "usage_rollups" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "memberships", "sessions" TO gaia_app;--> statement-breakpoint
GRANT SELECT, INSERT ON "usage_events", "audit_log", "setup_tokens" TO gaia_app;--> statement-breakpoint
-- Monthly partitions of usage_events, for the current month and `months` more; says how many it made. There is no DEFAULT
-- partition: a row in one would stop its month's partition from being made. Attached, not made in place, since that
-- takes a lock that lets readers and writers go on. Row-level security without a policy closes the partition itself.
CREATE FUNCTION gaia_ensure_partitions(months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	first date;
	partition text;
	made integer := 0;
BEGIN
	IF months IS NULL OR months < 0 OR months > 24 THEN
		RAISE EXCEPTION 'months must be between 0 and 24' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended('gaia_ensure_partitions', 0));
	FOR ahead IN 0..months LOOP
		first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date;
		partition := 'usage_events_' || to_char(first, 'YYYY_MM');
		CONTINUE WHEN to_regclass(format('public.%I', partition)) IS NOT NULL;
		EXECUTE format('CREATE TABLE public.%I (LIKE public.usage_events INCLUDING DEFAULTS)', partition);
		EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', partition);
		EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', partition);
		EXECUTE format(
			'ALTER TABLE public.usage_events ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
			partition, first, (first + interval '1 month')::date
		);
		made := made + 1;
	END LOOP;
	RETURN made;
END
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION gaia_ensure_partitions(integer) FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION gaia_ensure_partitions(integer) TO gaia_app;--> statement-breakpoint
SELECT gaia_ensure_partitions(3);
