CREATE TABLE "usage_day_models" (
	"root_id" text NOT NULL,
	"label" text NOT NULL,
	"day" date NOT NULL,
	"cell" uuid NOT NULL,
	"organization_id" text NOT NULL,
	"model" text NOT NULL,
	"provider" text NOT NULL,
	"requests" bigint NOT NULL,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"cost_nano" bigint NOT NULL,
	"list_cost_nano" bigint DEFAULT 0 NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_day_models_pkey" PRIMARY KEY("root_id","label","day","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_day_models" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_hour_labels" (
	"root_id" text NOT NULL,
	"label" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"cell" uuid NOT NULL,
	"value" text,
	"organization_id" text NOT NULL,
	"requests" bigint NOT NULL,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"cost_nano" bigint NOT NULL,
	"list_cost_nano" bigint DEFAULT 0 NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_hour_labels_pkey" PRIMARY KEY("root_id","label","hour","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_hour_labels" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_hour_organizations" (
	"root_id" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"organization_id" text NOT NULL,
	"requests" bigint NOT NULL,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"cost_nano" bigint NOT NULL,
	"list_cost_nano" bigint DEFAULT 0 NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_hour_organizations_pkey" PRIMARY KEY("root_id","hour","organization_id")
);
--> statement-breakpoint
ALTER TABLE "usage_hour_organizations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_hour_requests" (
	"root_id" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"cell" uuid NOT NULL,
	"organization_id" text NOT NULL,
	"model" text NOT NULL,
	"provider" text NOT NULL,
	"cached" boolean,
	"retried" boolean,
	"requests" bigint NOT NULL,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"cost_nano" bigint NOT NULL,
	"list_cost_nano" bigint DEFAULT 0 NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_hour_requests_pkey" PRIMARY KEY("root_id","hour","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_hour_requests" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_hours" (
	"root_id" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"cell" uuid NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text NOT NULL,
	"model" text NOT NULL,
	"provider" text NOT NULL,
	"status_class" integer NOT NULL,
	"outcome" text NOT NULL,
	"error_code" text,
	"client" text,
	"dialect" text NOT NULL,
	"route_id" text,
	"streamed" boolean NOT NULL,
	"requests" bigint NOT NULL,
	"input_uncached" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"output" bigint NOT NULL,
	"reasoning" bigint NOT NULL,
	"cost_nano" bigint NOT NULL,
	"list_cost_nano" bigint DEFAULT 0 NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_hours_pkey" PRIMARY KEY("root_id","hour","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_hours" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_sessions" (
	"root_id" text NOT NULL,
	"session_id" text NOT NULL,
	"first_day" date NOT NULL,
	"last_day" date NOT NULL,
	"cost_most" bigint NOT NULL,
	CONSTRAINT "usage_sessions_pkey" PRIMARY KEY("root_id","session_id")
);
--> statement-breakpoint
ALTER TABLE "usage_sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_horizons" ADD COLUMN "models_from" date;--> statement-breakpoint
CREATE INDEX "usage_hour_labels_hour_idx" ON "usage_hour_labels" USING brin ("hour");--> statement-breakpoint
CREATE INDEX "usage_hour_requests_hour_idx" ON "usage_hour_requests" USING brin ("hour");--> statement-breakpoint
CREATE INDEX "usage_hours_hour_idx" ON "usage_hours" USING brin ("hour");--> statement-breakpoint
CREATE INDEX "usage_sessions_cost_idx" ON "usage_sessions" USING btree ("root_id","cost_most");--> statement-breakpoint
CREATE INDEX "usage_events_sparse_idx" ON "usage_events" USING btree ("root_id","started_at","event_id","duration_ms","ttft_ms","organization_id","key_id","upstream_model","provider","status","day") WHERE rev = 0 and right(event_id, 1) = '0' and substr(event_id, 25, 1) in ('0', '1', '2', '3', '4', '5', '6', '7');--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_day_models" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_day_models"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_day_models"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_hour_labels" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_hour_labels"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_hour_labels"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_hour_organizations" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_hour_organizations"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_hour_organizations"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_hour_requests" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_hour_requests"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_hour_requests"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_hours" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_hours"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_hours"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_sessions" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_sessions"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_sessions"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on.
ALTER TABLE "usage_day_models" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_hour_organizations" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_hours" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_hour_labels" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_hour_requests" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_sessions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_day_models" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_hour_organizations" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_hours" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_hour_labels" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_hour_requests" SET (fillfactor = 80);--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "usage_day_models", "usage_hour_organizations", "usage_hours", "usage_hour_labels", "usage_hour_requests", "usage_sessions" TO gaia_app;--> statement-breakpoint
-- From when on there is what these tables sum up; null: since ever. The horizon's own function has the columns that Workers of before ask for.
CREATE FUNCTION gaia_usage_models_from() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
	SELECT h.models_from FROM public.usage_horizons h WHERE h.root_id = '*'
$$;--> statement-breakpoint
-- As before, and the new tables.
CREATE OR REPLACE FUNCTION gaia_sum_usage() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(hashtextextended('gaia_usage_day ' || added_day, 0)) FROM (
		SELECT DISTINCT (e.started_at AT TIME ZONE 'UTC')::date AS added_day FROM added e ORDER BY 1
	) days;
	INSERT INTO public.usage_quarters (root_id, quarter, organization_id, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, date_bin('15 minutes', e.started_at, timestamptz '2000-01-01 00:00:00Z') AS quarter, e.organization_id,
		count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e
	GROUP BY 1, 2, 3
	ORDER BY 1, 2, 3
	ON CONFLICT (root_id, quarter, organization_id) DO UPDATE SET
		requests = usage_quarters.requests + excluded.requests,
		input_uncached = usage_quarters.input_uncached + excluded.input_uncached,
		cache_read = usage_quarters.cache_read + excluded.cache_read,
		cache_write = usage_quarters.cache_write + excluded.cache_write,
		output = usage_quarters.output + excluded.output,
		reasoning = usage_quarters.reasoning + excluded.reasoning,
		cost_nano = usage_quarters.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_quarters.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_quarters.duration_ms + excluded.duration_ms,
		errors = usage_quarters.errors + excluded.errors,
		estimated = usage_quarters.estimated + excluded.estimated;
	INSERT INTO public.usage_day_totals (root_id, day, cell, organization_id, key_id, model, provider, status_class, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100)::text)::uuid AS cell,
		e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e
	GROUP BY 1, 2, 4, 5, 6, 7, 8
	ORDER BY 1, 2, 3
	ON CONFLICT (root_id, day, cell) DO UPDATE SET
		requests = usage_day_totals.requests + excluded.requests,
		input_uncached = usage_day_totals.input_uncached + excluded.input_uncached,
		cache_read = usage_day_totals.cache_read + excluded.cache_read,
		cache_write = usage_day_totals.cache_write + excluded.cache_write,
		output = usage_day_totals.output + excluded.output,
		reasoning = usage_day_totals.reasoning + excluded.reasoning,
		cost_nano = usage_day_totals.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_day_totals.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_day_totals.duration_ms + excluded.duration_ms,
		errors = usage_day_totals.errors + excluded.errors,
		estimated = usage_day_totals.estimated + excluded.estimated;
	INSERT INTO public.usage_days (root_id, day, cell, organization_id, key_id, model, provider, status_class, outcome,
		error_code, client, dialect, route_id, streamed, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code,
			e.client, e.dialect, e.route_id, e.streamed)::text)::uuid AS cell,
		e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code, e.client, e.dialect,
		e.route_id, e.streamed, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e
	GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	ORDER BY 1, 2, 3
	ON CONFLICT (root_id, day, cell) DO UPDATE SET
		requests = usage_days.requests + excluded.requests,
		input_uncached = usage_days.input_uncached + excluded.input_uncached,
		cache_read = usage_days.cache_read + excluded.cache_read,
		cache_write = usage_days.cache_write + excluded.cache_write,
		output = usage_days.output + excluded.output,
		reasoning = usage_days.reasoning + excluded.reasoning,
		cost_nano = usage_days.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_days.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_days.duration_ms + excluded.duration_ms,
		errors = usage_days.errors + excluded.errors,
		estimated = usage_days.estimated + excluded.estimated;
	INSERT INTO public.usage_day_labels (root_id, label, day, cell, value, organization_id, key_id, model, provider,
		status_class, first_at, last_at, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, l.label, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(l.value, e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100)::text)::uuid AS cell,
		l.value, e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, min(e.started_at), max(e.started_at),
		count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e CROSS JOIN LATERAL (
		SELECT 'session' AS label, e.session_id AS value WHERE e.session_id IS NOT NULL
		UNION ALL SELECT 'agent', e.agent_id WHERE e.agent_id IS NOT NULL
		UNION ALL SELECT 'end_user', e.end_user WHERE e.end_user IS NOT NULL
		UNION ALL SELECT 'tag:' || tag.key, tag.value FROM jsonb_each_text(e.tags) tag WHERE tag.value IS NOT NULL
	) l
	GROUP BY 1, 2, 3, 5, 6, 7, 8, 9, 10
	ORDER BY 1, 2, 3, 4
	ON CONFLICT (root_id, label, day, cell) DO UPDATE SET
		first_at = least(usage_day_labels.first_at, excluded.first_at),
		last_at = greatest(usage_day_labels.last_at, excluded.last_at),
		requests = usage_day_labels.requests + excluded.requests,
		input_uncached = usage_day_labels.input_uncached + excluded.input_uncached,
		cache_read = usage_day_labels.cache_read + excluded.cache_read,
		cache_write = usage_day_labels.cache_write + excluded.cache_write,
		output = usage_day_labels.output + excluded.output,
		reasoning = usage_day_labels.reasoning + excluded.reasoning,
		cost_nano = usage_day_labels.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_day_labels.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_day_labels.duration_ms + excluded.duration_ms,
		errors = usage_day_labels.errors + excluded.errors,
		estimated = usage_day_labels.estimated + excluded.estimated;
	INSERT INTO public.usage_hour_organizations (root_id, hour, organization_id, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, date_trunc('hour', e.started_at, 'UTC') AS hour, e.organization_id, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e
	GROUP BY 1, 2, 3
	ORDER BY 1, 2, 3
	ON CONFLICT (root_id, hour, organization_id) DO UPDATE SET
		requests = usage_hour_organizations.requests + excluded.requests,
		input_uncached = usage_hour_organizations.input_uncached + excluded.input_uncached,
		cache_read = usage_hour_organizations.cache_read + excluded.cache_read,
		cache_write = usage_hour_organizations.cache_write + excluded.cache_write,
		output = usage_hour_organizations.output + excluded.output,
		reasoning = usage_hour_organizations.reasoning + excluded.reasoning,
		cost_nano = usage_hour_organizations.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_hour_organizations.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_hour_organizations.duration_ms + excluded.duration_ms,
		errors = usage_hour_organizations.errors + excluded.errors,
		estimated = usage_hour_organizations.estimated + excluded.estimated;
	INSERT INTO public.usage_day_models (root_id, label, day, cell, organization_id, model, provider, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, l.label, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(e.organization_id, e.upstream_model, e.provider)::text)::uuid AS cell,
		e.organization_id, e.upstream_model, e.provider, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e CROSS JOIN LATERAL (
		SELECT '' AS label
		UNION ALL SELECT 'session' WHERE e.session_id IS NOT NULL
		UNION ALL SELECT 'agent' WHERE e.agent_id IS NOT NULL
		UNION ALL SELECT 'end_user' WHERE e.end_user IS NOT NULL
		UNION ALL SELECT 'tag:' || tag.key FROM jsonb_each_text(e.tags) tag WHERE tag.value IS NOT NULL
	) l
	GROUP BY 1, 2, 3, 5, 6, 7
	ORDER BY 1, 2, 3, 4
	ON CONFLICT (root_id, label, day, cell) DO UPDATE SET
		requests = usage_day_models.requests + excluded.requests,
		input_uncached = usage_day_models.input_uncached + excluded.input_uncached,
		cache_read = usage_day_models.cache_read + excluded.cache_read,
		cache_write = usage_day_models.cache_write + excluded.cache_write,
		output = usage_day_models.output + excluded.output,
		reasoning = usage_day_models.reasoning + excluded.reasoning,
		cost_nano = usage_day_models.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_day_models.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_day_models.duration_ms + excluded.duration_ms,
		errors = usage_day_models.errors + excluded.errors,
		estimated = usage_day_models.estimated + excluded.estimated;
	INSERT INTO public.usage_sessions (root_id, session_id, first_day, last_day, cost_most)
	SELECT e.root_id, e.session_id, min((e.started_at AT TIME ZONE 'UTC')::date), max((e.started_at AT TIME ZONE 'UTC')::date),
		sum(greatest(e.cost_nano, 0))
	FROM added e WHERE e.session_id IS NOT NULL
	GROUP BY 1, 2
	ORDER BY 1, 2
	ON CONFLICT (root_id, session_id) DO UPDATE SET
		first_day = least(usage_sessions.first_day, excluded.first_day),
		last_day = greatest(usage_sessions.last_day, excluded.last_day),
		cost_most = usage_sessions.cost_most + excluded.cost_most;
	INSERT INTO public.usage_hours (root_id, hour, cell, organization_id, key_id, model, provider, status_class, outcome,
		error_code, client, dialect, route_id, streamed, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, date_trunc('hour', e.started_at, 'UTC') AS hour,
		md5(jsonb_build_array(e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code,
			e.client, e.dialect, e.route_id, e.streamed)::text)::uuid AS cell,
		e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code, e.client, e.dialect,
		e.route_id, e.streamed, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e
	GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	ORDER BY 1, 2, 3
	ON CONFLICT (root_id, hour, cell) DO UPDATE SET
		requests = usage_hours.requests + excluded.requests,
		input_uncached = usage_hours.input_uncached + excluded.input_uncached,
		cache_read = usage_hours.cache_read + excluded.cache_read,
		cache_write = usage_hours.cache_write + excluded.cache_write,
		output = usage_hours.output + excluded.output,
		reasoning = usage_hours.reasoning + excluded.reasoning,
		cost_nano = usage_hours.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_hours.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_hours.duration_ms + excluded.duration_ms,
		errors = usage_hours.errors + excluded.errors,
		estimated = usage_hours.estimated + excluded.estimated;
	INSERT INTO public.usage_hour_labels (root_id, label, hour, cell, value, organization_id, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, l.label, date_trunc('hour', e.started_at, 'UTC') AS hour,
		md5(jsonb_build_array(l.value, e.organization_id)::text)::uuid AS cell, l.value, e.organization_id, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e CROSS JOIN LATERAL (
		SELECT 'session' AS label, NULL AS value WHERE e.session_id IS NOT NULL
		UNION ALL SELECT 'agent', e.agent_id WHERE e.agent_id IS NOT NULL
		UNION ALL SELECT 'end_user', NULL WHERE e.end_user IS NOT NULL
		UNION ALL SELECT 'tag:' || tag.key, tag.value FROM jsonb_each_text(e.tags) tag WHERE tag.value IS NOT NULL
	) l
	GROUP BY 1, 2, 3, 5, 6
	ORDER BY 1, 2, 3, 4
	ON CONFLICT (root_id, label, hour, cell) DO UPDATE SET
		requests = usage_hour_labels.requests + excluded.requests,
		input_uncached = usage_hour_labels.input_uncached + excluded.input_uncached,
		cache_read = usage_hour_labels.cache_read + excluded.cache_read,
		cache_write = usage_hour_labels.cache_write + excluded.cache_write,
		output = usage_hour_labels.output + excluded.output,
		reasoning = usage_hour_labels.reasoning + excluded.reasoning,
		cost_nano = usage_hour_labels.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_hour_labels.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_hour_labels.duration_ms + excluded.duration_ms,
		errors = usage_hour_labels.errors + excluded.errors,
		estimated = usage_hour_labels.estimated + excluded.estimated;
	INSERT INTO public.usage_hour_requests (root_id, hour, cell, organization_id, model, provider, cached, retried, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, date_trunc('hour', e.started_at, 'UTC') AS hour,
		md5(jsonb_build_array(e.organization_id, e.upstream_model, e.provider, CASE WHEN e.rev = 0 THEN e.cache_read > 0 END,
			CASE WHEN e.rev = 0 THEN e.attempts > 1 END)::text)::uuid AS cell,
		e.organization_id, e.upstream_model, e.provider, CASE WHEN e.rev = 0 THEN e.cache_read > 0 END,
		CASE WHEN e.rev = 0 THEN e.attempts > 1 END, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM added e
	GROUP BY 1, 2, 4, 5, 6, 7, 8
	ORDER BY 1, 2, 3
	ON CONFLICT (root_id, hour, cell) DO UPDATE SET
		requests = usage_hour_requests.requests + excluded.requests,
		input_uncached = usage_hour_requests.input_uncached + excluded.input_uncached,
		cache_read = usage_hour_requests.cache_read + excluded.cache_read,
		cache_write = usage_hour_requests.cache_write + excluded.cache_write,
		output = usage_hour_requests.output + excluded.output,
		reasoning = usage_hour_requests.reasoning + excluded.reasoning,
		cost_nano = usage_hour_requests.cost_nano + excluded.cost_nano,
		list_cost_nano = usage_hour_requests.list_cost_nano + excluded.list_cost_nano,
		duration_ms = usage_hour_requests.duration_ms + excluded.duration_ms,
		errors = usage_hour_requests.errors + excluded.errors,
		estimated = usage_hour_requests.estimated + excluded.estimated;
	RETURN NULL;
END
$$;--> statement-breakpoint
-- Makes the new tables' sums of a UTC day anew from finer ones, of one root or (null) of all, and bounds of its sessions from events: of a
-- session of more days what is there may be counted twice. Writers of that day wait meanwhile.
CREATE FUNCTION gaia_resum_models(root text, of_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
	first date := (SELECT max(h.events_from) FROM public.usage_horizons h WHERE root IS NULL OR h.root_id IN ('*', root));
	begins timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
	ends timestamptz := (of_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('gaia_usage_day ' || of_day, 0));
	DELETE FROM public.usage_hour_organizations h WHERE (root IS NULL OR h.root_id = root)
		AND h.hour >= of_day::timestamp AT TIME ZONE 'UTC' AND h.hour < (of_day + 1)::timestamp AT TIME ZONE 'UTC';
	DELETE FROM public.usage_hours h WHERE (root IS NULL OR h.root_id = root) AND h.hour >= begins AND h.hour < ends;
	DELETE FROM public.usage_hour_labels h WHERE (root IS NULL OR h.root_id = root) AND h.hour >= begins AND h.hour < ends;
	DELETE FROM public.usage_hour_requests h WHERE (root IS NULL OR h.root_id = root) AND h.hour >= begins AND h.hour < ends;
	DELETE FROM public.usage_day_models d WHERE (root IS NULL OR d.root_id = root) AND d.day = of_day;
	INSERT INTO public.usage_hour_organizations (root_id, hour, organization_id, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT q.root_id, date_trunc('hour', q.quarter, 'UTC') AS hour, q.organization_id, sum(q.requests), sum(q.input_uncached), sum(q.cache_read), sum(q.cache_write), sum(q.output), sum(q.reasoning), sum(q.cost_nano), sum(q.list_cost_nano), sum(q.duration_ms), sum(q.errors), sum(q.estimated)
	FROM public.usage_quarters q
	WHERE (root IS NULL OR q.root_id = root)
		AND q.quarter >= of_day::timestamp AT TIME ZONE 'UTC' AND q.quarter < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
	GROUP BY 1, 2, 3
	ORDER BY 1, 2, 3;
	INSERT INTO public.usage_day_models (root_id, label, day, cell, organization_id, model, provider, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT s.root_id, s.label, of_day, md5(jsonb_build_array(s.organization_id, s.model, s.provider)::text)::uuid AS cell,
		s.organization_id, s.model, s.provider, sum(s.requests), sum(s.input_uncached), sum(s.cache_read), sum(s.cache_write), sum(s.output), sum(s.reasoning), sum(s.cost_nano), sum(s.list_cost_nano), sum(s.duration_ms), sum(s.errors), sum(s.estimated)
	FROM (
		SELECT d.root_id, '' AS label, d.organization_id, d.model, d.provider, d.requests, d.input_uncached, d.cache_read, d.cache_write, d.output, d.reasoning, d.cost_nano, d.list_cost_nano, d.duration_ms, d.errors, d.estimated
		FROM public.usage_day_totals d WHERE (root IS NULL OR d.root_id = root) AND d.day = of_day
		UNION ALL
		SELECT l.root_id, l.label, l.organization_id, l.model, l.provider, l.requests, l.input_uncached, l.cache_read, l.cache_write, l.output, l.reasoning, l.cost_nano, l.list_cost_nano, l.duration_ms, l.errors, l.estimated
		FROM public.usage_day_labels l WHERE (root IS NULL OR l.root_id = root) AND l.day = of_day
	) s
	GROUP BY 1, 2, 5, 6, 7
	ORDER BY 1, 2, 3, 4;
	INSERT INTO public.usage_sessions (root_id, session_id, first_day, last_day, cost_most)
	SELECT e.root_id, e.session_id, of_day, of_day, sum(greatest(e.cost_nano, 0))
	FROM public.usage_events e
	WHERE (root IS NULL OR e.root_id = root) AND e.session_id IS NOT NULL AND e.day BETWEEN of_day - 1 AND of_day
		AND e.started_at >= of_day::timestamp AT TIME ZONE 'UTC' AND e.started_at < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
	GROUP BY 1, 2
	ORDER BY 1, 2
	ON CONFLICT (root_id, session_id) DO UPDATE SET
		first_day = least(usage_sessions.first_day, of_day),
		last_day = greatest(usage_sessions.last_day, of_day),
		cost_most = excluded.cost_most + CASE
			WHEN usage_sessions.first_day = of_day AND usage_sessions.last_day = of_day THEN 0 ELSE usage_sessions.cost_most END;
	DELETE FROM public.usage_sessions s USING (
		SELECT o.session_id, o.cost_most FROM public.usage_sessions o
		WHERE o.root_id = root AND o.last_day = of_day AND NOT EXISTS (
			SELECT FROM public.usage_day_labels l WHERE l.root_id = root AND l.label = 'session' AND l.value = o.session_id
		)
	) gone
	WHERE s.root_id = root AND s.session_id = gone.session_id AND s.cost_most = gone.cost_most;
	-- Only events know these: they end where events do.
	IF of_day <= first THEN
		RETURN;
	END IF;
	INSERT INTO public.usage_hours (root_id, hour, cell, organization_id, key_id, model, provider, status_class, outcome,
		error_code, client, dialect, route_id, streamed, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, date_trunc('hour', e.started_at, 'UTC') AS hour,
		md5(jsonb_build_array(e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code,
			e.client, e.dialect, e.route_id, e.streamed)::text)::uuid AS cell,
		e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code, e.client, e.dialect,
		e.route_id, e.streamed, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day AND e.started_at >= begins AND e.started_at < ends
	GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	ORDER BY 1, 2, 3;
	INSERT INTO public.usage_hour_labels (root_id, label, hour, cell, value, organization_id, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, l.label, date_trunc('hour', e.started_at, 'UTC') AS hour,
		md5(jsonb_build_array(l.value, e.organization_id)::text)::uuid AS cell, l.value, e.organization_id, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e CROSS JOIN LATERAL (
		SELECT 'session' AS label, NULL AS value WHERE e.session_id IS NOT NULL
		UNION ALL SELECT 'agent', e.agent_id WHERE e.agent_id IS NOT NULL
		UNION ALL SELECT 'end_user', NULL WHERE e.end_user IS NOT NULL
		UNION ALL SELECT 'tag:' || tag.key, tag.value FROM jsonb_each_text(e.tags) tag WHERE tag.value IS NOT NULL
	) l
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day AND e.started_at >= begins AND e.started_at < ends
	GROUP BY 1, 2, 3, 5, 6
	ORDER BY 1, 2, 3, 4;
	INSERT INTO public.usage_hour_requests (root_id, hour, cell, organization_id, model, provider, cached, retried, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated)
	SELECT e.root_id, date_trunc('hour', e.started_at, 'UTC') AS hour,
		md5(jsonb_build_array(e.organization_id, e.upstream_model, e.provider, CASE WHEN e.rev = 0 THEN e.cache_read > 0 END,
			CASE WHEN e.rev = 0 THEN e.attempts > 1 END)::text)::uuid AS cell,
		e.organization_id, e.upstream_model, e.provider, CASE WHEN e.rev = 0 THEN e.cache_read > 0 END,
		CASE WHEN e.rev = 0 THEN e.attempts > 1 END, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day AND e.started_at >= begins AND e.started_at < ends
	GROUP BY 1, 2, 4, 5, 6, 7, 8
	ORDER BY 1, 2, 3;
END
$$;--> statement-breakpoint
-- As before, and the new tables at last.
CREATE OR REPLACE FUNCTION gaia_resum_usage(root text, of_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
	first date := (SELECT max(h.events_from) FROM public.usage_horizons h WHERE root IS NULL OR h.root_id IN ('*', root));
BEGIN
	IF of_day <= first THEN
		RETURN;
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended('gaia_usage_day ' || of_day, 0));
	DELETE FROM public.usage_quarters q WHERE (root IS NULL OR q.root_id = root)
		AND q.quarter >= of_day::timestamp AT TIME ZONE 'UTC' AND q.quarter < (of_day + 1)::timestamp AT TIME ZONE 'UTC';
	DELETE FROM public.usage_day_totals d WHERE (root IS NULL OR d.root_id = root) AND d.day = of_day;
	DELETE FROM public.usage_days d WHERE (root IS NULL OR d.root_id = root) AND d.day = of_day;
	DELETE FROM public.usage_day_labels d WHERE (root IS NULL OR d.root_id = root) AND d.day = of_day;
	INSERT INTO public.usage_quarters (root_id, quarter, organization_id, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, date_bin('15 minutes', e.started_at, timestamptz '2000-01-01 00:00:00Z') AS quarter, e.organization_id,
		count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day
		AND e.started_at >= of_day::timestamp AT TIME ZONE 'UTC' AND e.started_at < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
	GROUP BY 1, 2, 3
	ORDER BY 1, 2, 3;
	INSERT INTO public.usage_day_totals (root_id, day, cell, organization_id, key_id, model, provider, status_class, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100)::text)::uuid AS cell,
		e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day
		AND e.started_at >= of_day::timestamp AT TIME ZONE 'UTC' AND e.started_at < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
	GROUP BY 1, 2, 4, 5, 6, 7, 8
	ORDER BY 1, 2, 3;
	INSERT INTO public.usage_days (root_id, day, cell, organization_id, key_id, model, provider, status_class, outcome,
		error_code, client, dialect, route_id, streamed, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code,
			e.client, e.dialect, e.route_id, e.streamed)::text)::uuid AS cell,
		e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, e.outcome, e.error_code, e.client, e.dialect,
		e.route_id, e.streamed, count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day
		AND e.started_at >= of_day::timestamp AT TIME ZONE 'UTC' AND e.started_at < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
	GROUP BY 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	ORDER BY 1, 2, 3;
	INSERT INTO public.usage_day_labels (root_id, label, day, cell, value, organization_id, key_id, model, provider,
		status_class, first_at, last_at, requests, input_uncached, cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano,
		duration_ms, errors, estimated)
	SELECT e.root_id, l.label, (e.started_at AT TIME ZONE 'UTC')::date AS day,
		md5(jsonb_build_array(l.value, e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100)::text)::uuid AS cell,
		l.value, e.organization_id, e.key_id, e.upstream_model, e.provider, e.status / 100, min(e.started_at), max(e.started_at),
		count(*) FILTER (WHERE e.rev = 0),
		sum(e.input_uncached), sum(e.cache_read), sum(e.cache_write), sum(e.output), sum(e.reasoning), sum(e.cost_nano),
		coalesce(sum(e.list_cost_nano), 0), coalesce(sum(e.duration_ms) FILTER (WHERE e.rev = 0), 0),
		count(*) FILTER (WHERE e.rev = 0 AND e.outcome NOT IN ('ok', 'client_gone')),
		count(*) FILTER (WHERE e.rev = 0 AND NOT e.exact)
	FROM public.usage_events e CROSS JOIN LATERAL (
		SELECT 'session' AS label, e.session_id AS value WHERE e.session_id IS NOT NULL
		UNION ALL SELECT 'agent', e.agent_id WHERE e.agent_id IS NOT NULL
		UNION ALL SELECT 'end_user', e.end_user WHERE e.end_user IS NOT NULL
		UNION ALL SELECT 'tag:' || tag.key, tag.value FROM jsonb_each_text(e.tags) tag WHERE tag.value IS NOT NULL
	) l
	WHERE (root IS NULL OR e.root_id = root) AND e.day BETWEEN of_day - 1 AND of_day
		AND e.started_at >= of_day::timestamp AT TIME ZONE 'UTC' AND e.started_at < (of_day + 1)::timestamp AT TIME ZONE 'UTC'
	GROUP BY 1, 2, 3, 5, 6, 7, 8, 9, 10
	ORDER BY 1, 2, 3, 4;
	PERFORM public.gaia_resum_models(root, of_day);
END
$$;--> statement-breakpoint
-- Sums up days of before there were daily sums, and then those of before these tables, the latest first; says how many are left.
-- Sums are not read before theirs are there.
CREATE OR REPLACE FUNCTION gaia_backfill_usage(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
	summed date;
	modelled date;
	oldest date;
BEGIN
	SELECT h.summed_from, h.models_from INTO summed, modelled FROM public.usage_horizons h WHERE h.root_id = '*' FOR UPDATE;
	IF summed IS NULL AND modelled IS NULL THEN
		RETURN 0;
	END IF;
	oldest := (SELECT min(r.hour) AT TIME ZONE 'UTC' FROM public.usage_rollups r);
	FOR made IN 1..days LOOP
		IF summed > oldest THEN
			summed := summed - 1;
			PERFORM public.gaia_resum_usage(NULL, summed);
		ELSIF modelled > oldest THEN
			modelled := modelled - 1;
			PERFORM public.gaia_resum_models(NULL, modelled);
		ELSE
			EXIT;
		END IF;
	END LOOP;
	summed := CASE WHEN summed > oldest THEN summed END;
	modelled := CASE WHEN modelled > oldest THEN modelled END;
	UPDATE public.usage_horizons SET summed_from = summed, models_from = modelled WHERE root_id = '*';
	RETURN coalesce(summed - oldest, 0) + coalesce(modelled - oldest, 0);
END
$$;--> statement-breakpoint
-- As before; what is summed by label goes with the labels, and hours of what only events and days know with the events.
CREATE OR REPLACE FUNCTION gaia_expire_usage(months integer, most integer) RETURNS TABLE (partitions integer, removed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off SET lock_timeout = '2s' AS $$
DECLARE
	today date := (now() AT TIME ZONE 'UTC')::date;
	gone date := (SELECT h.events_from FROM public.usage_horizons h WHERE h.root_id = '*');
	old record;
	deleted bigint;
BEGIN
	IF months IS NULL OR months < 3 THEN
		RAISE EXCEPTION 'months must be at least 3' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	partitions := 0;
	removed := 0;
	FOR old IN
		SELECT c.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''(\d{4}-\d\d-\d\d)''\)')::date AS ends
		FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.usage_events'::regclass
	LOOP
		CONTINUE WHEN old.ends IS NULL OR gone IS NULL OR old.ends > gone;
		BEGIN
			EXECUTE format('ALTER TABLE public.usage_events DETACH PARTITION public.%I', old.relname);
			EXECUTE format('DROP TABLE public.%I', old.relname);
			partitions := partitions + 1;
		EXCEPTION WHEN lock_not_available THEN
			NULL;
		END;
	END LOOP;
	FOR old IN SELECT h.root_id, h.events_from FROM public.usage_horizons h WHERE h.events_from IS NOT NULL LOOP
		IF old.root_id <> '*' THEN
			DELETE FROM public.usage_events e WHERE (e.event_id, e.rev, e.day) IN (
				SELECT o.event_id, o.rev, o.day FROM public.usage_events o
				WHERE o.root_id = old.root_id AND o.day < old.events_from LIMIT most
			);
			GET DIAGNOSTICS deleted = ROW_COUNT;
			removed := removed + deleted;
		END IF;
		DELETE FROM public.usage_day_labels l WHERE (l.root_id, l.label, l.day, l.cell) IN (
			SELECT o.root_id, o.label, o.day, o.cell FROM public.usage_day_labels o
			WHERE (old.root_id = '*' OR o.root_id = old.root_id) AND o.day < old.events_from LIMIT most
		);
		GET DIAGNOSTICS deleted = ROW_COUNT;
		removed := removed + deleted;
		DELETE FROM public.usage_day_models m WHERE (m.root_id, m.label, m.day, m.cell) IN (
			SELECT o.root_id, o.label, o.day, o.cell FROM public.usage_day_models o
			WHERE (old.root_id = '*' OR o.root_id = old.root_id) AND o.label <> '' AND o.day < old.events_from LIMIT most
		);
		DELETE FROM public.usage_hours h WHERE (h.root_id, h.hour, h.cell) IN (
			SELECT o.root_id, o.hour, o.cell FROM public.usage_hours o
			WHERE (old.root_id = '*' OR o.root_id = old.root_id) AND o.hour < old.events_from::timestamp AT TIME ZONE 'UTC' LIMIT most
		);
		DELETE FROM public.usage_hour_labels h WHERE (h.root_id, h.label, h.hour, h.cell) IN (
			SELECT o.root_id, o.label, o.hour, o.cell FROM public.usage_hour_labels o
			WHERE (old.root_id = '*' OR o.root_id = old.root_id) AND o.hour < old.events_from::timestamp AT TIME ZONE 'UTC' LIMIT most
		);
		DELETE FROM public.usage_hour_requests h WHERE (h.root_id, h.hour, h.cell) IN (
			SELECT o.root_id, o.hour, o.cell FROM public.usage_hour_requests o
			WHERE (old.root_id = '*' OR o.root_id = old.root_id) AND o.hour < old.events_from::timestamp AT TIME ZONE 'UTC' LIMIT most
		);
		DELETE FROM public.usage_sessions s WHERE (s.root_id, s.session_id) IN (
			SELECT o.root_id, o.session_id FROM public.usage_sessions o
			WHERE (old.root_id = '*' OR o.root_id = old.root_id) AND o.last_day < old.events_from LIMIT most
		);
	END LOOP;
	INSERT INTO public.usage_horizons (root_id, events_from)
	SELECT '*', (date_trunc('month', today) - make_interval(months => months))::date
	WHERE EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = 'public.usage_events'::regclass)
	ON CONFLICT (root_id) DO UPDATE SET events_from = greatest(usage_horizons.events_from, excluded.events_from);
	UPDATE public.usage_horizons h SET events_from = greatest(h.events_from, today - h.retention_days)
	WHERE h.root_id <> '*' AND h.retention_days IS NOT NULL;
	RETURN NEXT;
END
$$;--> statement-breakpoint
-- As before, and the new tables.
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
		RETURN 0;
	END IF;
	RETURN deleted;
END
$$;--> statement-breakpoint
REVOKE ALL ON FUNCTION gaia_usage_models_from(), gaia_resum_models(text, date) FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION gaia_usage_models_from() TO gaia_app;--> statement-breakpoint
-- Days of before are summed by gaia_backfill_usage.
INSERT INTO "usage_horizons" ("root_id", "models_from")
SELECT '*', (now() AT TIME ZONE 'UTC')::date + 2 WHERE EXISTS (SELECT FROM "usage_rollups")
ON CONFLICT ("root_id") DO UPDATE SET "models_from" = excluded."models_from";
