/**
 * Does a deployment answer? Needs no key and sends nothing to a provider:
 *
 *   node .github/smoke.mjs <router URL> <dashboard URL>
 */

const [router, site] = process.argv.slice(2).map((url) => url.replace(/\/+$/, ""));
if (!router || !site) {
  console.error("usage: node .github/smoke.mjs <router URL> <dashboard URL>");
  process.exit(2);
}

/** @type {{what: string, url: string, request?: RequestInit, status: number, body?: (text: string) => boolean}[]} */
const checks = [
  { what: "health", url: `${router}/health`, status: 200 },
  { what: "HEAD /", url: `${router}/`, request: { method: "HEAD" }, status: 200 },
  { what: "dashboard", url: `${site}/`, status: 200, body: (text) => /^\s*<!doctype html>/i.test(text) },
  { what: "dashboard reaches the router", url: `${site}/api/requests`, status: 401 },
];

// A request without a key is refused in the envelope that its dialect's SDK reads.
for (const [what, path, refused] of [
  ["OpenAI Chat", "/v1/chat/completions", (answer) => answer.error?.code === "missing_api_key"],
  ["OpenAI Responses", "/v1/responses", (answer) => answer.error?.code === "missing_api_key"],
  ["Anthropic Messages", "/v1/messages", (answer) => answer.error?.type === "authentication_error"],
  ["Gemini", "/v1beta/models/gemini-3.8-flash:generateContent", (answer) => answer.error?.status === "UNAUTHENTICATED"],
]) {
  checks.push({
    what: `401 as ${what}`,
    url: router + path,
    request: { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
    status: 401,
    body: (text) => refused(JSON.parse(text)),
  });
}

/** What is wrong with an answer, or null. */
const wrong = async ({ url, request, status, body }) => {
  try {
    const answer = await fetch(url, { ...request, redirect: "manual", signal: AbortSignal.timeout(20_000) });
    const text = await answer.text();
    if (answer.status !== status) return `status ${answer.status} instead of ${status}`;
    return body && !body(text) ? `an unexpected body: ${text.slice(0, 200)}` : null;
  } catch (error) {
    return String(error.cause ?? error);
  }
};

for (const check of checks) {
  const reason = await wrong(check);
  console.log(reason === null ? `ok   ${check.what}` : `FAIL ${check.what}: ${reason}`);
  if (reason !== null) process.exitCode = 1;
}
