CREATE TABLE "usage_day_labels" (
	"root_id" text NOT NULL,
	"label" text NOT NULL,
	"day" date NOT NULL,
	"cell" uuid NOT NULL,
	"value" text NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text NOT NULL,
	"model" text NOT NULL,
	"provider" text NOT NULL,
	"status_class" integer NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
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
	CONSTRAINT "usage_day_labels_pkey" PRIMARY KEY("root_id","label","day","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_day_labels" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_day_totals" (
	"root_id" text NOT NULL,
	"day" date NOT NULL,
	"cell" uuid NOT NULL,
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
	"list_cost_nano" bigint DEFAULT 0 NOT NULL,
	"duration_ms" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"estimated" bigint NOT NULL,
	CONSTRAINT "usage_day_totals_pkey" PRIMARY KEY("root_id","day","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_day_totals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_days" (
	"root_id" text NOT NULL,
	"day" date NOT NULL,
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
	CONSTRAINT "usage_days_pkey" PRIMARY KEY("root_id","day","cell")
);
--> statement-breakpoint
ALTER TABLE "usage_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_horizons" (
	"root_id" text PRIMARY KEY NOT NULL,
	"events_from" date,
	"summed_from" date,
	"retention_days" integer
);
--> statement-breakpoint
ALTER TABLE "usage_horizons" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "usage_quarters" (
	"root_id" text NOT NULL,
	"quarter" timestamp (3) with time zone NOT NULL,
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
	CONSTRAINT "usage_quarters_pkey" PRIMARY KEY("root_id","quarter","organization_id")
);
--> statement-breakpoint
ALTER TABLE "usage_quarters" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "usage_day_labels_value_idx" ON "usage_day_labels" USING btree ("root_id","label","value","day");--> statement-breakpoint
CREATE INDEX "usage_day_labels_day_idx" ON "usage_day_labels" USING brin ("day");--> statement-breakpoint
CREATE INDEX "usage_events_end_user_idx" ON "usage_events" USING btree ("root_id","end_user","event_id") WHERE end_user is not null;--> statement-breakpoint
CREATE INDEX "usage_events_error_code_idx" ON "usage_events" USING btree ("root_id","error_code","event_id") WHERE error_code is not null;--> statement-breakpoint
CREATE INDEX "usage_events_latency_idx" ON "usage_events" USING btree ("root_id",substr(event_id, 25, 1),"started_at","event_id","duration_ms","ttft_ms","organization_id","key_id","upstream_model","provider","status","day") WHERE rev = 0 and right(event_id, 1) = '0';--> statement-breakpoint
CREATE INDEX "usage_events_corrected_idx" ON "usage_events" USING btree ("root_id","event_id","day","rev") WHERE rev > 0;--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_day_labels" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_day_labels"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_day_labels"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_day_totals" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_day_totals"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_day_totals"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_days" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_days"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_days"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_horizons" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_horizons"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_horizons"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
CREATE POLICY "tenant" ON "usage_quarters" AS PERMISSIVE FOR ALL TO "gaia_app" USING ("usage_quarters"."root_id" = nullif(current_setting('app.root', true), '')) WITH CHECK ("usage_quarters"."root_id" = nullif(current_setting('app.root', true), ''));--> statement-breakpoint
-- By hand from here on.
ALTER TABLE "usage_day_labels" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_day_totals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_days" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_quarters" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "usage_horizons" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- Sums are updated often and have no index of what changes: with room in their pages that touches no index.
ALTER TABLE "usage_day_totals" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_days" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "usage_day_labels" SET (fillfactor = 80);--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "usage_quarters", "usage_day_totals", "usage_days", "usage_day_labels" TO gaia_app;--> statement-breakpoint
GRANT SELECT ON "usage_horizons" TO gaia_app;--> statement-breakpoint
-- Adds events to the sums of their days, in the statement that writes them and whichever version of the Worker that is of. The lock
-- of a day is shared by its writers; `gaia_resum_usage` has it alone. Rows are locked in order, so that writers cannot deadlock.
CREATE FUNCTION gaia_sum_usage() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
	RETURN NULL;
END
$$;--> statement-breakpoint
-- From when on there is what of the usage of the root that a transaction is of.
CREATE FUNCTION gaia_usage_horizon() RETURNS TABLE (events_from date, summed_from date, retention_days integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
	SELECT max(h.events_from), max(h.summed_from), max(h.retention_days) FROM public.usage_horizons h
	WHERE h.root_id IN ('*', current_setting('app.root', true))
$$;--> statement-breakpoint
-- Makes the sums of a UTC day anew from its events, of one root or (null) of all; never of events that are deleted. Writers of that
-- day wait meanwhile.
CREATE FUNCTION gaia_resum_usage(root text, of_day date) RETURNS void
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
END
$$;--> statement-breakpoint
-- The same for the root that a transaction is of: for repair.
CREATE FUNCTION gaia_repair_usage(of_day date) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT public.gaia_resum_usage(current_setting('app.root'), of_day)
$$;--> statement-breakpoint
-- Sums up days of before this migration, the latest first; says how many are left. Sums are not read before theirs are there.
CREATE FUNCTION gaia_backfill_usage(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
	reached date := (SELECT h.summed_from FROM public.usage_horizons h WHERE h.root_id = '*' FOR UPDATE);
	oldest date;
BEGIN
	IF reached IS NULL THEN
		RETURN 0;
	END IF;
	oldest := (SELECT min(r.hour) AT TIME ZONE 'UTC' FROM public.usage_rollups r);
	FOR made IN 1..days LOOP
		EXIT WHEN oldest IS NULL OR reached <= oldest;
		reached := reached - 1;
		PERFORM public.gaia_resum_usage(NULL, reached);
	END LOOP;
	IF oldest IS NULL OR reached <= oldest THEN
		UPDATE public.usage_horizons SET summed_from = NULL WHERE root_id = '*';
		RETURN 0;
	END IF;
	UPDATE public.usage_horizons SET summed_from = reached WHERE root_id = '*';
	RETURN reached - oldest;
END
$$;--> statement-breakpoint
-- Deletes events that were kept long enough: partitions of all whose months ended so many months ago, and up to `most` events and
-- as many labels of each root that keeps theirs for less; says how many. What is deleted was said to be gone the time before, so that nobody who
-- is reading misses it. Nothing waits for long: partitions are left for the next time when somebody is using them.
CREATE FUNCTION gaia_expire_usage(months integer, most integer) RETURNS TABLE (partitions integer, removed bigint)
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
-- For how many days the root that a transaction is of keeps its events; null: as long as the operator does. Ledgers count months from
-- events, and periods of a month are rated anew: there is always more than that.
CREATE FUNCTION gaia_keep_usage(days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
	IF days < 62 THEN
		RAISE EXCEPTION 'days must be at least 62' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	INSERT INTO public.usage_horizons (root_id, retention_days) VALUES (current_setting('app.root'), days)
	ON CONFLICT (root_id) DO UPDATE SET retention_days = excluded.retention_days;
END
$$;--> statement-breakpoint
-- Forgets an end user of the root that a transaction is of: who it was, and which sessions and tags. What it used and cost stays. At
-- most so many days at a time; says how many are left.
CREATE FUNCTION gaia_erase_end_user(name text, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
	root text := current_setting('app.root');
	of_day date;
BEGIN
	FOR of_day IN
		SELECT DISTINCT l.day FROM public.usage_day_labels l
		WHERE l.root_id = root AND l.label = 'end_user' AND l.value = name ORDER BY 1 LIMIT days
	LOOP
		PERFORM pg_advisory_xact_lock(hashtextextended('gaia_usage_day ' || of_day, 0));
		UPDATE public.usage_events e SET end_user = NULL, session_id = NULL, agent_id = NULL, tags = '{}'
		WHERE e.root_id = root AND e.end_user = name AND e.day BETWEEN of_day - 1 AND of_day
			AND e.started_at >= of_day::timestamp AT TIME ZONE 'UTC' AND e.started_at < (of_day + 1)::timestamp AT TIME ZONE 'UTC';
		DELETE FROM public.usage_day_labels l
		WHERE l.root_id = root AND l.label = 'end_user' AND l.value = name AND l.day = of_day;
		PERFORM public.gaia_resum_usage(root, of_day);
	END LOOP;
	RETURN (
		SELECT count(DISTINCT l.day) FROM public.usage_day_labels l
		WHERE l.root_id = root AND l.label = 'end_user' AND l.value = name
	);
END
$$;--> statement-breakpoint
-- Deletes a root's usage for good, at most so many events at a time and the sums with the last; says how many are left. The owner's.
CREATE FUNCTION gaia_delete_usage(root text, most integer) RETURNS bigint
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
REVOKE ALL ON FUNCTION gaia_sum_usage(), gaia_usage_horizon(), gaia_resum_usage(text, date), gaia_repair_usage(date), gaia_backfill_usage(integer), gaia_expire_usage(integer, integer), gaia_keep_usage(integer), gaia_erase_end_user(text, integer), gaia_delete_usage(text, integer) FROM PUBLIC;--> statement-breakpoint
GRANT EXECUTE ON FUNCTION gaia_sum_usage(), gaia_usage_horizon(), gaia_repair_usage(date), gaia_backfill_usage(integer),
	gaia_expire_usage(integer, integer), gaia_keep_usage(integer), gaia_erase_end_user(text, integer) TO gaia_app;--> statement-breakpoint
-- Waits for writers that are at it; whoever writes afterwards, of whatever version, sums up. Days that have events are summed by
-- gaia_backfill_usage.
CREATE TRIGGER usage_events_summed AFTER INSERT ON "usage_events"
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION gaia_sum_usage();--> statement-breakpoint
INSERT INTO "usage_horizons" ("root_id", "summed_from")
SELECT '*', (now() AT TIME ZONE 'UTC')::date + 2 WHERE EXISTS (SELECT FROM "usage_events");
