import { place } from "./place.ts";

/** What a call is given, as `hono/client` has it. */
interface Given {
  param?: Record<string, string>;
  query?: Record<string, string | readonly string[] | undefined>;
  json?: unknown;
}
interface Options {
  headers?: Record<string, string>;
  init?: RequestInit;
}

/**
 * `calls(["api"]).keys[":id"].$get({ param: { id } })` as a request to this origin. It is what is needed of `hono/client`, whose
 * types it is used by: its own code, with forms, cookies and sockets, is a twentieth of what a page reads before its first
 * figures. A `param` goes into the path as it is written.
 */
export const calls = (path: readonly string[]): unknown =>
  new Proxy(() => undefined, {
    get: (_, name) => (typeof name === "string" && name !== "then" ? calls([...path, name]) : undefined),
    apply: (_, _this, [given, options]) => send(path, given, options),
  });

function send(path: readonly string[], given: Given = {}, { headers, init }: Options = {}): Promise<Response> {
  const steps = path.slice(0, -1).map((step) => (step.startsWith(":") ? (given.param?.[step.slice(1)] ?? step) : step));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {}))
    for (const one of typeof value === "object" ? value : [value]) if (one !== undefined) search.append(name, one);
  const organization = place();
  return fetch(`/${steps.join("/")}${search.size > 0 ? `?${search}` : ""}`, {
    method: path.at(-1)?.slice(1).toUpperCase(),
    headers: {
      // No script of another site can send it, which is how the API knows a change to be ours.
      "x-gaia-csrf": "1",
      ...(organization ? { "x-gaia-organization": organization } : {}),
      ...(given.json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(given.json === undefined ? {} : { body: JSON.stringify(given.json) }),
    ...init,
  });
}
