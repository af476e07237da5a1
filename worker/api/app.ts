import { type Handler, Hono } from "hono";
import { GatewayError } from "../errors.ts";
import { hasConnection } from "../router/resolve.ts";
import type { Services } from "../services.ts";
import { createAdminApi } from "./admin/api.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { dialectOfPath } from "./dialect-of-path.ts";
import { asGatewayError, errorResponse } from "./errors.ts";
import { health } from "./health.ts";
import { chatCompletions } from "./inference/chat-completions.ts";
import { countTokens } from "./inference/count-tokens.ts";
import { dryRun } from "./inference/dry-run.ts";
import { embeddings } from "./inference/embeddings.ts";
import { GEMINI_CALL, generateContent } from "./inference/generate-content.ts";
import { messages } from "./inference/messages.ts";
import { getModel, listV1, listV1beta } from "./inference/models.ts";
import { inputTokens, responses } from "./inference/responses.ts";
import { cors } from "./middleware/cors.ts";
import { limitHeaders } from "./middleware/limit-headers.ts";
import { syncModelLists } from "./model-sync.ts";
import { ownKey } from "./own-key.ts";
import { ownRequest } from "./own-request.ts";

const ABOUT = {
  name: "GaiaRouter",
  endpoints: [
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/responses/input_tokens",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1beta/models",
    "/v1/embeddings",
    "/v1/models",
    "/v1/key",
    "/v1/requests/{id}",
  ],
};

type Methods = Record<string, Handler<AppEnv>>;

/** `HEAD` where `GET` is (Hono serves it from the GET handler). */
const allowed = (methods: Methods): string =>
  Object.keys(methods)
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .join(", ");

/** Every inference path with its methods; any other method on it is a 405 that says which would do. */
const ROUTES: [path: string, methods: Methods][] = [
  ["/", { GET: (c) => c.json(ABOUT) }],
  ["/health", { GET: health }],
  ["/v1/chat/completions", { POST: chatCompletions }],
  ["/v1/responses", { POST: responses }],
  ["/v1/responses/input_tokens", { POST: inputTokens }],
  ["/v1/messages", { POST: messages }],
  ["/v1/messages/count_tokens", { POST: countTokens }],
  ["/v1/embeddings", { POST: embeddings }],
  ["/v1/key", { GET: ownKey }],
  ["/v1/requests/:id", { GET: ownRequest }],
  ["/v1/models", { GET: listV1 }],
  [`/v1/models/${GEMINI_CALL}`, { POST: generateContent }],
  ["/v1/models/*", { GET: getModel, POST: generateContent }],
  ["/v1beta/models", { GET: listV1beta }],
  [`/v1beta/models/${GEMINI_CALL}`, { POST: generateContent }],
  ["/v1beta/models/*", { GET: getModel, POST: generateContent }],
  [`/v1beta/${GEMINI_CALL}`, { POST: generateContent }],
];

/** The HTTP face of the gateway: order of middleware, routes, and the one place where an error becomes a response. */
export function createApp(services: Services): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async function provide(c, next) {
    c.set("services", services);
    c.set("requestId", services.newRequestId());
    await next();
    c.res.headers.set("x-request-id", c.get("requestId"));
    if (dialectOfPath(c.req).id === "anthropic-messages") c.res.headers.set("request-id", c.get("requestId"));
  });
  app.use(limitHeaders);
  for (const paths of ["/v1/*", "/v1beta/*"]) app.use(paths, cors);
  const { sessionSecret, masterKey, setupToken, peppers } = services;
  const secrets = { peppers, sessionSecret, masterKey, setupToken };
  app.route(
    "/",
    createAdminApi({
      ...{ ...services, secrets },
      dryRun: (request) => dryRun(services, request),
      syncModelLists: () => syncModelLists(services),
      hasCredential: (model, credential) => hasConnection(model, services.providers, credential),
    }),
  );
  for (const [path, methods] of ROUTES) {
    for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
    app.all(path, (c) => {
      throw new GatewayError("method_not_allowed", `${c.req.method} is not allowed here. Use ${allowed(methods)}.`, {
        headers: { allow: allowed(methods) },
      });
    });
  }
  app.notFound((c) =>
    fail(c, new GatewayError("unknown_url", `There is nothing at ${c.req.path}. GET / lists the endpoints.`)),
  );
  app.onError((error, c) => fail(c, error));
  return app;
}

function fail(c: AppContext, thrown: unknown): Response {
  const error = asGatewayError(thrown);
  const requestId = c.get("requestId");
  if (error.status >= 500)
    c.get("services").report({ requestId, what: error.code, cause: error.cause ?? error }, c.get("span"));
  return errorResponse(error, dialectOfPath(c.req), requestId);
}
