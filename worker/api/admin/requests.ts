import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { isUlid } from "../../lib/ulid.ts";
import { recordAct } from "../../organizations/audit.ts";
import { loadPrices } from "../../organizations/load-configuration.ts";
import { readNames } from "../../organizations/names.ts";
import { readArrivals } from "../../usage/log/arrivals.ts";
import { countRequests, requestFacets, requestHistogram } from "../../usage/log/overview.ts";
import { getRequest, listRequests, type RequestRecord } from "../../usage/requests.ts";
import { DIMENSION_NAMES, type DimensionName } from "../../usage/stats/dimension.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import { isStillLetIn } from "../middleware/authenticate-admin.ts";
import { requestDetail } from "../request-body.ts";
import { type CostTerm, costTerms } from "../rerate/cost-terms.ts";
import { priceBookOf } from "../rerate/price-book.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { namedFacets } from "./group-names.ts";
import { idCursor, idListSchema, idOf, listBody } from "./list.ts";
import { liveFeed } from "./live-feed.ts";
import { idsOfRequests, namedRequest, namesOfRequests, requestNames, someFields } from "./named-request.ts";
import { CONTENT_TYPES, EXPORT_FORMATS, EXPORT_PAGE, exportRequests } from "./request-export.ts";
import { readRequestFilter, requestFields } from "./request-query.ts";
import { requestFieldsSchema } from "./schemas/requests.ts";
import { isSeen, readUsagePeriod } from "./usage-scope.ts";
import { repeatableQuery } from "./validate.ts";

const filterQuery = z.strictObject(requestFields);

const listQuery = idListSchema("started_at").extend({ ...requestFields, fields: requestFieldsSchema });

const FACETS = ["model", "provider", "status", "outcome", "error_code", "key", "organization", "client"] as const;

const facetQuery = filterQuery.extend({
  fields: z
    .string()
    .transform((text) => [...new Set(text.split(","))])
    .refine(
      (names): names is DimensionName[] => names.every((name) => DIMENSION_NAMES.includes(name as DimensionName)),
      `Must be a list like "model,status" of ${DIMENSION_NAMES.join(", ")}`,
    )
    .default([...FACETS])
    .describe(`Names separated by commas, of ${DIMENSION_NAMES.join(", ")}.`),
});

const histogramQuery = filterQuery.extend({
  bars: z
    .string()
    .regex(/^\d{1,3}$/, "Must be a whole number")
    .transform(Number)
    .refine((bars) => bars >= 1 && bars <= 400, "Must be between 1 and 400")
    .default(60)
    .meta({ type: "integer", minimum: 1, maximum: 400 }),
});

const exportQuery = filterQuery.extend({ format: z.enum(EXPORT_FORMATS).default("csv") });

/** What is to come has no period. */
const liveQuery = filterQuery.omit({ from: true, to: true }).extend({ fields: requestFieldsSchema });

const termBody = ({ name, count, each, pico }: CostTerm) => ({
  name,
  count: count === null ? null : String(count),
  pico_usd_each: each === null ? null : String(each),
  pico_usd: String(pico),
});

/** `/api/requests`: the usage events of the caller's organizations, newest first. */
export function requestRoutes(dependencies: AdminDependencies) {
  const { database, now, report } = dependencies;
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

  return new Hono<AdminEnv>()
    .get("/", repeatableQuery(listQuery), async (context) => {
      const actor = context.get("caller");
      const { limit, cursor: after, sort, fields, ...given } = context.req.valid("query");
      const asOf = now();
      const [filter, horizon] = await Promise.all([
        readRequestFilter(database, actor, given, asOf),
        readHorizon(database, actor.rootId),
      ]);
      const place = { ...sort, limit, cursor: idOf(after, sort), horizon };
      const { requests, nextCursor } = await listRequests(database, actor.rootId, filter, place);
      const page = { rows: requests, nextCursor: idCursor(nextCursor, sort) };
      const names = await namesOfRequests(database, actor, requests);
      return context.json(listBody(page, asOf, (row) => someFields(namedRequest(row, names), fields)));
    })
    .get("/count", repeatableQuery(filterQuery), async (context) => {
      const actor = context.get("caller");
      const [filter, horizon] = await Promise.all([
        readRequestFilter(database, actor, context.req.valid("query"), now()),
        readHorizon(database, actor.rootId),
      ]);
      return context.json(await countRequests(database, actor.rootId, filter, horizon));
    })
    .get("/facets", repeatableQuery(facetQuery), async (context) => {
      const actor = context.get("caller");
      const { fields, ...given } = context.req.valid("query");
      const filter = await readRequestFilter(database, actor, given, now());
      const { facets, count, capped } = await requestFacets(database, actor.rootId, filter, fields);
      const { key, member, route } = given;
      const data = await namedFacets(database, actor, facets, fields, { key, member, route });
      return context.json({ data, count, capped });
    })
    .get("/histogram", repeatableQuery(histogramQuery), async (context) => {
      const actor = context.get("caller");
      const { bars, ...given } = context.req.valid("query");
      const period = readUsagePeriod({ from: given.from ?? "-1d", to: given.to }, now(), given.tz);
      const [filter, horizon] = await Promise.all([
        readRequestFilter(database, actor, given, now()),
        readHorizon(database, actor.rootId),
      ]);
      const found = await requestHistogram(database, actor.rootId, { ...filter, ...period }, bars, horizon);
      return context.json({
        data: found.map(({ from, to, requests, errors }) => ({
          ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString() },
          ...{ requests, errors },
        })),
      });
    })
    .get("/export", repeatableQuery(exportQuery), async (context) => {
      const actor = context.get("caller");
      const requestId = context.get("requestId");
      const { format, ...given } = context.req.valid("query");
      const [filter, horizon] = await Promise.all([
        readRequestFilter(database, actor, given, now()),
        readHorizon(database, actor.rootId),
      ]);
      // Before the first row: whatever happens then, it is known who took them away.
      const target = given.organization ?? actor.organizationId;
      const after = { format, query: context.req.queries() };
      await recordAct(database, actor.rootId, now(), {
        actor,
        action: "requests.export",
        target,
        organizationId: target,
        before: null,
        after,
      });
      const pages = exportRequests(
        format,
        {
          page: (cursor) => listRequests(database, actor.rootId, filter, { limit: EXPORT_PAGE, cursor, horizon }),
          name: (rows, known) => readNames(database, actor, idsOfRequests(rows), known),
        },
        (cause) => report({ requestId, what: "an export broke off", cause }),
      );
      context.header("content-disposition", `attachment; filename="requests.${format}"`);
      return context.body(pages, 200, { "content-type": CONTENT_TYPES[format] });
    })
    .get("/live", repeatableQuery(liveQuery), async (context) => {
      const actor = context.get("caller");
      const { rootId } = actor;
      const requestId = context.get("requestId");
      const { fields, ...given } = context.req.valid("query");
      const filter = await readRequestFilter(database, actor, given, now());
      const bodies = async (requests: RequestRecord[]) => {
        const names = await namesOfRequests(database, actor, requests);
        return requests.map((row) => someFields(namedRequest(row, names), fields));
      };
      // A feed that cannot be read is refused rather than opened.
      const nothing = { after: { settledAt: now(), eventId: "" }, until: now(), limit: 1 };
      await readArrivals(database, rootId, filter, nothing);
      const events = liveFeed(
        {
          read: (range) => readArrivals(database, rootId, filter, range),
          bodies,
          isLetIn: () => isStillLetIn(context, dependencies),
          ...{ now, sleep },
          report: (cause) => report({ requestId, what: "a live feed broke off", cause }),
        },
        context.req.header("last-event-id"),
      );
      return context.body(events, 200, { "content-type": "text/event-stream" });
    })
    .get("/:id", async (context) => {
      const actor = context.get("caller");
      const id = context.req.param("id");
      if (!isUlid(id))
        throw new GatewayError("invalid_id", "This is not a request's id: one is a ULID.", { param: "id" });
      const [found, prices] = await Promise.all([
        getRequest(database, actor.rootId, id),
        loadPrices(database, actor.rootId),
      ]);
      const names = await namesOfRequests(database, actor, found === null ? [] : [found.request]);
      const named = found && requestNames(found.request, names);
      const { organizationId } = found?.request ?? actor;
      if (!found || !named || !(await isSeen(database, actor, { organizationId, memberId: named.member_id }))) {
        throw new GatewayError("not_found", "There is no such request, or it is not yours to see.");
      }
      return context.json({
        ...requestDetail(found),
        ...named,
        /** What the cost is the sum of. */
        cost_terms: costTerms(priceBookOf(prices), found.revisions).map(termBody),
      });
    });
}
