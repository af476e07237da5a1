import type { RequestDetail } from "../../api/requests.ts";

/** Where each dialect's clients call, and what their body holds beside the model. */
const CALLS: Record<string, { path: (detail: RequestDetail) => string; input: Record<string, unknown> }> = {
  "openai-chat": { path: () => "/v1/chat/completions", input: { messages: [{ role: "user", content: "…" }] } },
  "openai-responses": { path: () => "/v1/responses", input: { input: "…" } },
  "openai-embeddings": { path: () => "/v1/embeddings", input: { input: "…" } },
  "anthropic-messages": {
    path: ({ operation }) => (operation === "count_tokens" ? "/v1/messages/count_tokens" : "/v1/messages"),
    input: { max_tokens: 1024, messages: [{ role: "user", content: "…" }] },
  },
  "google-generate-content": {
    path: ({ requested_model: model, streamed, operation }) => {
      const call =
        operation === "count_tokens" ? "countTokens" : streamed ? "streamGenerateContent?alt=sse" : "generateContent";
      return `/v1beta/models/${encodeURIComponent(model)}:${call}`;
    },
    input: { contents: [{ role: "user", parts: [{ text: "…" }] }] },
  },
};

const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The call that a request was, as far as the log knows it: where to, which model, its session, agent and tags. The key and what
 * was asked are not kept; their places are left open.
 */
export function asCurl(detail: RequestDetail, router: string): string {
  const call = CALLS[detail.dialect];
  const isGemini = detail.dialect === "google-generate-content";
  const body = {
    ...(isGemini ? {} : { model: detail.requested_model }),
    ...(detail.streamed && !isGemini ? { stream: true } : {}),
    ...call?.input,
  };
  const tags = Object.entries(detail.tags).map(([name, value]) => `${name}=${value}`);
  const headers = [
    ["authorization", "Bearer $GAIA_KEY"],
    ["content-type", "application/json"],
    ...(detail.session_id ? [["x-gaia-session", detail.session_id]] : []),
    ...(detail.agent_id ? [["x-gaia-agent", detail.agent_id]] : []),
    ...(tags.length > 0 ? [["x-gaia-tags", tags.join(",")]] : []),
  ] as const;
  return [
    `curl -N ${shellQuoted(router + (call?.path(detail) ?? "/v1/chat/completions"))}`,
    // Double quotes: the shell puts the key in.
    ...headers.map(([name, value]) =>
      name === "authorization" ? `-H "${name}: ${value}"` : `-H ${shellQuoted(`${name}: ${value}`)}`,
    ),
    `-d ${shellQuoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}
