-- By hand. List costs of hours that were summed before there was a column for them. A file, and so a transaction, of its own:
-- it locks rows of sums one by one, where the file before locks tables. What the version before writes meanwhile has none;
-- `POST /api/reconciliations/repair` sums such hours anew. Row-level security shows an owner without BYPASSRLS no rows here.
UPDATE "usage_rollups" SET "list_cost_nano" = summed.list_cost_nano
FROM (
	SELECT root_id, date_trunc('hour', started_at, 'UTC') AS hour, organization_id, key_id, upstream_model, provider,
		status / 100 AS status_class, sum(list_cost_nano) AS list_cost_nano
	FROM "usage_events" WHERE list_cost_nano IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7
) AS summed
WHERE ("usage_rollups".root_id, "usage_rollups".hour, "usage_rollups".organization_id, "usage_rollups".key_id,
		"usage_rollups".model, "usage_rollups".provider, "usage_rollups".status_class)
	= (summed.root_id, summed.hour, summed.organization_id, summed.key_id, summed.upstream_model, summed.provider,
		summed.status_class);
