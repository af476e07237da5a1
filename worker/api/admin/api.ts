import { Hono } from "hono";
import { GatewayError } from "../../errors.ts";
import { authenticateAdmin } from "../middleware/authenticate-admin.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { requestId } from "../middleware/request-id.ts";
import { requirePermission } from "../middleware/require-permission.ts";
import { attentionRoutes } from "./attention.ts";
import { auditRoutes } from "./audit.ts";
import { confirmRoutes } from "./confirm.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { dryRunRoutes } from "./dry-run.ts";
import { adminErrorResponse, asGatewayError } from "./errors.ts";
import { inviteRoutes } from "./invites.ts";
import { keyRoutes } from "./keys.ts";
import { limitRoutes } from "./limits.ts";
import { linkRoutes } from "./links.ts";
import { meRoutes } from "./me.ts";
import { memberRoutes } from "./members.ts";
import { modelChangeRoutes } from "./model-changes.ts";
import { modelRoutes } from "./models.ts";
import { organizationRoutes } from "./organizations.ts";
import { passkeyRoutes } from "./passkeys.ts";
import { playgroundRoutes } from "./playground.ts";
import { priceRoutes } from "./prices.ts";
import { reconciliationRoutes } from "./reconciliations.ts";
import { refusalRoutes } from "./refusals.ts";
import { requestRoutes } from "./requests.ts";
import { rerateRoutes } from "./rerate.ts";
import { retentionRoutes } from "./retention.ts";
import { routeRoutes } from "./routes.ts";
import { secondFactorRoutes } from "./second-factors.ts";
import { secondStepRoutes } from "./second-step.ts";
import { sessionRoutes } from "./session.ts";
import { sessionStatsRoutes } from "./session-stats.ts";
import { setupRoutes } from "./setup.ts";
import { signOnRoutes } from "./sign-on.ts";
import { statsRoutes } from "./stats.ts";
import { supposeLimitRoutes } from "./suppose-limit.ts";
import { targetRoutes } from "./targets.ts";
import { limitBody } from "./validate.ts";
import { viewRoutes } from "./views.ts";
import { webhookRoutes } from "./webhooks.ts";
import { whatIfRoutes } from "./what-if.ts";

/** Chained, so that the routes' types reach the dashboard. What stands behind the gate is closed unless a key opens it. */
const routes = (dependencies: AdminDependencies) =>
  new Hono<AdminEnv>()
    .use("/api/*", requestId(dependencies), async (context, next) => {
      await next();
      // Answers hold keys and other people's data: neither a browser nor a proxy is to keep them.
      context.header("cache-control", "no-store");
      context.header("x-content-type-options", "nosniff");
    })
    .use("/api/*", limitBody)
    .route("/api/setup", setupRoutes(dependencies))
    .route("/api/session", sessionRoutes(dependencies))
    .route("/api/session", signOnRoutes(dependencies))
    .route("/api/session", secondStepRoutes(dependencies))
    .route("/api", linkRoutes(dependencies))
    .use("/api/*", authenticateAdmin(dependencies), requirePermission, idempotency(dependencies))
    .route("/api/me", meRoutes(dependencies))
    .route("/api/me", secondFactorRoutes(dependencies))
    .route("/api/me/confirm", confirmRoutes(dependencies))
    .route("/api/me/passkeys", passkeyRoutes(dependencies))
    .route("/api/members", memberRoutes(dependencies))
    .route("/api/invites", inviteRoutes(dependencies))
    .route("/api/requests", requestRoutes(dependencies))
    .route("/api/refusals", refusalRoutes(dependencies))
    .route("/api/prices/rerate", rerateRoutes(dependencies))
    .route("/api/reconciliations", reconciliationRoutes(dependencies))
    .route("/api/retention", retentionRoutes(dependencies))
    .route("/api/organizations", organizationRoutes(dependencies))
    .route("/api/keys", keyRoutes(dependencies))
    .route("/api/limits/simulate", supposeLimitRoutes(dependencies))
    .route("/api/limits", limitRoutes(dependencies))
    .route("/api/models", modelChangeRoutes(dependencies))
    .route("/api/models", modelRoutes(dependencies))
    .route("/api/playground", playgroundRoutes(dependencies))
    .route("/api/prices", priceRoutes(dependencies))
    .route("/api/routes/dry-run", dryRunRoutes(dependencies))
    .route("/api/routes", routeRoutes(dependencies))
    .route("/api/stats", statsRoutes(dependencies))
    .route("/api/stats/sessions", sessionStatsRoutes(dependencies))
    .route("/api/stats/what-if", whatIfRoutes(dependencies))
    .route("/api/targets", targetRoutes(dependencies))
    .route("/api/views", viewRoutes(dependencies))
    .route("/api/webhooks", webhookRoutes(dependencies))
    .route("/api/attention", attentionRoutes(dependencies))
    .route("/api/audit", auditRoutes(dependencies));

/** The management API's type, for typed clients (`hc<AdminApi>`). */
export type AdminApi = ReturnType<typeof routes>;

/** True when a route's path (`/api/keys/:id`) is that of a request. */
function matches(route: string, path: string): boolean {
  const [parts, given] = [route.split("/"), path.split("/")];
  return parts.length === given.length && parts.every((part, index) => part.startsWith(":") || part === given[index]);
}

/**
 * The management API, everything under `/api/`. Make it once per isolate: it remembers failed sign-ins. It answers its own
 * errors and unknown URLs, so it can be mounted in an application that speaks otherwise.
 */
export function createAdminApi(dependencies: AdminDependencies): AdminApi {
  const api = routes(dependencies);
  const known = api.routes.filter(({ method }) => method !== "ALL");
  api.all("/api/*", (context) => {
    const methods = known.filter(({ path }) => matches(path, context.req.path)).map(({ method }) => method);
    if (methods.length === 0) throw new GatewayError("unknown_url", "There is nothing under this URL.");
    const allow = [...new Set(methods)].join(", ");
    throw new GatewayError("method_not_allowed", `This URL takes ${allow}.`, { headers: { allow } });
  });
  api.onError((thrown, context) => {
    const error = asGatewayError(thrown);
    if (error.status >= 500) {
      dependencies.report({ requestId: context.get("requestId"), what: error.code, cause: error.cause ?? error });
    }
    return adminErrorResponse(context, error);
  });
  return api;
}
