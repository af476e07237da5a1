import { Hono } from "hono";
import { z } from "zod";
import type { DialectId } from "../../canonical/dialect-id.ts";
import type { RouteRecord } from "../../canonical/tenant.ts";
import { accessRules } from "../../organizations/model-access.ts";
import { modelRows } from "../../organizations/models.ts";
import { organizationPath } from "../../organizations/organizations.ts";
import { modelRecord, type RouteRow, routeRecord } from "../../organizations/records.ts";
import { routesInForce } from "../../organizations/routes.ts";
import type { DryTarget } from "../dry-run.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { routeBody } from "./route-body.ts";
import { requireCredentials, routeName, routeTerms, storedTerms } from "./route-terms.ts";
import { idSchema, jsonBody, lineSchema } from "./validate.ts";

const DIALECTS = [
  "openai-chat",
  "openai-responses",
  "openai-embeddings",
  "anthropic-messages",
  "google-generate-content",
] as const satisfies DialectId[];

/** A request that is only thought of. */
const dryRequest = z.strictObject({
  organization_id: idSchema("org")
    .optional()
    .describe("Where it would come from; the caller's own organization when it is left out."),
  model: routeName,
  dialect: z.enum(DIALECTS).default("openai-chat").describe("The client's wire format."),
  request: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("The body as a client would send it; the smallest there is when it is left out."),
  fallbacks: z.array(routeName).max(8, "Must name at most 8 models").default([]).describe("As in `x-gaia-fallbacks`."),
  session: lineSchema(256).optional().describe("The conversation's name."),
  draft: routeTerms
    .optional()
    .describe("A route that is not stored yet, in place of the one that the model's name means there."),
});

/** One sentence for people: where the request would go, and why. */
function summary(targets: readonly DryTarget[], route: Pick<RouteRow, "name" | "strategy"> | undefined): string {
  const first = targets.find(({ outcome }) => outcome === "first");
  const passedOver = targets.filter(({ outcome }) => outcome === "skipped");
  const skipped = passedOver.map((one) => `${nameOf(one)} is passed over (${one.reason}).`).join(" ");
  if (first === undefined) return `This request would go nowhere. ${skipped}`.trim();
  return `This request would go to ${nameOf(first)}, because ${reasonOf(first, route)}${doubtOf(first)}. ${skipped}`.trim();
}

const nameOf = ({ provider, model, credential }: DryTarget): string =>
  `${provider}/${model}${credential === null ? "" : ` with the credential '${credential}'`}`;

function reasonOf({ from }: DryTarget, route: Pick<RouteRow, "name" | "strategy"> | undefined): string {
  if (from === "fallback") return "it is the first of the fallbacks that can serve it";
  if (route === undefined) return "its model names this target";
  if (route.strategy === "ordered") return `it is the first target of the route '${route.name}' that can serve it`;
  return `its conversation falls to it by the weights of the route '${route.name}'`;
}

/** Only where nothing is better is one first of which there is something to be said. */
function doubtOf({ reason }: DryTarget): string {
  if (reason === null) return "";
  return reason === "context_length"
    ? ", though it may be too long for it: no other can serve it"
    : ", though it is ailing: all are";
}

/** A route that is only written, as the one of its name that there is, or as a new one. */
function drafted(
  { model, draft }: z.output<typeof dryRequest>,
  organizationId: string,
  stored: RouteRow | undefined,
): RouteRecord | null {
  if (draft === undefined) return stored === undefined ? null : routeRecord(stored);
  const { strategy, targets, timeouts } = storedTerms(draft);
  return {
    ...{ id: stored?.id ?? DRAFT, organizationId, name: model, strategy, targets, version: stored?.version ?? 1 },
    ...{ timeouts: { headers: null, firstToken: null, idle: null, total: null, ...timeouts }, removed: false },
  };
}
/** The id of a route that has none. */
const DRAFT = "rte_000000000000";

/** `/api/routes/dry-run`: where a request would go, by what is stored or by a draft. Nothing is sent. */
export function dryRunRoutes(dependencies: AdminDependencies) {
  const { database, dryRun } = dependencies;
  return new Hono<AdminEnv>().post("/", jsonBody(dryRequest), async (context) => {
    const caller = context.get("caller");
    const asked = context.req.valid("json");
    const { organization_id: organization, session, fallbacks, request, draft, ...named } = asked;
    if (draft) requireCredentials(draft.targets, dependencies, "draft.");
    const organizationId = organization ?? caller.organizationId;
    const rows = await routesInForce(database, caller, organizationId);
    const row = rows.find(({ name }) => name === named.model);
    const route = drafted(asked, organizationId, row);
    const { rootId } = caller;
    const access = accessRules(await organizationPath(database, caller, organizationId));
    const facts = (await modelRows(database, caller)).map(modelRecord);
    const thought = { ...named, body: request, fallbacks, session: session ?? null };
    const targets = await dryRun({ rootId, ...thought, route, access, facts });
    return context.json({
      model: named.model,
      route:
        row === undefined || draft ? null : { ...routeBody(row), inherited: row.organizationId !== organizationId },
      message: summary(targets, route ?? undefined),
      targets,
    });
  });
}
