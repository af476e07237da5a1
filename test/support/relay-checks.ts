import { expect } from "vitest";
import type { Exchange } from "./exchanges.ts";
import { type Gateway, requestRow } from "./gateway.ts";
import { billedTokens } from "./read-usage.ts";
import type { Replay } from "./replay.ts";

/** The request with its top-level model replaced by text surgery, done here on its own and not by the gateway's code. */
function withModel(request: string, model: string): string {
  let depth = 0;
  for (let at = 0; at < request.length; at++) {
    const character = request[at];
    if (character === '"') {
      let end = at + 1;
      while (request[end] !== '"') end += request[end] === "\\" ? 2 : 1;
      const name = request.slice(at, end + 1);
      const value = /^\s*:\s*"(?:[^"\\]|\\.)*"/.exec(request.slice(end + 1));
      if (depth === 1 && name === '"model"' && value !== null) {
        const start = end + 1 + value[0].indexOf('"');
        return `${request.slice(0, start)}${JSON.stringify(model)}${request.slice(end + 1 + value[0].length)}`;
      }
      at = end;
    } else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
  }
  return request.replace("{", `{"model":${JSON.stringify(model)},`);
}

interface ChatBody {
  stream?: boolean;
  stream_options?: { include_usage?: boolean } | null;
}

/** Whether the gateway has to ask for usage on the client's behalf: the one edit of a request beside the model. */
const asksForUsage = ({ dialect, provider, request }: Exchange): boolean => {
  const body = JSON.parse(request) as ChatBody;
  return (
    dialect === "openai-chat" &&
    provider === "openai" &&
    body.stream === true &&
    body.stream_options?.include_usage !== true
  );
};

/** The answer as the client must get it: without the usage-only chunk it did not ask for, else untouched. */
function expectedAnswer(exchange: Exchange): string {
  const text = Buffer.from(exchange.response).toString("latin1");
  if (!asksForUsage(exchange) || exchange.status >= 300) return text;
  return text
    .split(/(?<=\n\n|\r\n\r\n)/)
    .filter((event) => {
      const data = /^data: ?(.*)$/m.exec(event)?.[1] ?? "";
      try {
        const chunk = JSON.parse(data) as { choices?: unknown[]; usage?: unknown };
        return !(chunk.choices?.length === 0 && typeof chunk.usage === "object" && chunk.usage !== null);
      } catch {
        return true;
      }
    })
    .join("");
}

/** A Chat stream without any end of an answer, or an error in its place: some SDKs would take it for a whole one. */
const hasNoEnd = ({ dialect, status, contentType, response }: Exchange): boolean =>
  dialect === "openai-chat" &&
  status < 300 &&
  contentType.includes("event-stream") &&
  !/"finish_reason": ?"|^data: ?(?:\[DONE\]|\{"error")/m.test(Buffer.from(response).toString("latin1"));

/** What the gateway says then, after everything the provider has said. */
const BROKEN_OFF = /^data: \{"error":\{"message":"The provider broke off its answer\.".*\}\n\n$/;

/** Sends one exchange through the gateway and checks both directions and the metering. */
export async function checkRelay(gateway: Gateway, replay: Replay, exchange: Exchange, index: number): Promise<void> {
  const model = `${exchange.provider}/${replay.model(index)}`;
  const google = exchange.dialect === "google-generate-content";
  const body = google ? exchange.request : withModel(exchange.request, model);
  const expectedBody = google ? exchange.request : withModel(exchange.request, replay.model(index));
  const path = `${google ? "/v1beta" : "/v1"}${exchange.path.replace("{model}", model)}`;
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${gateway.apiKey}`, ...exchange.headers },
    body,
  });
  const answer = Buffer.from(await response.arrayBuffer());
  const [arrival, ...more] = replay.take(index);
  expect(more).toEqual([]);
  if (arrival === undefined) throw new Error(`nothing reached the provider: ${response.status} ${answer}`);

  const sent = arrival.body.toString("utf8");
  if (asksForUsage(exchange)) {
    expect(JSON.parse(sent).stream_options.include_usage).toBe(true);
    const { stream_options: _, ...rest } = JSON.parse(sent) as Record<string, unknown>;
    const { stream_options: __, ...expectedRest } = JSON.parse(expectedBody) as Record<string, unknown>;
    expect(JSON.stringify(rest)).toBe(JSON.stringify(expectedRest));
  } else expect(sent).toBe(expectedBody);
  expect(JSON.stringify(arrival.headers) + arrival.url).not.toContain(gateway.apiKey);
  for (const [name, value] of Object.entries(exchange.headers)) expect(arrival.headers[name]).toBe(value);

  expect(response.status).toBe(exchange.status);
  expect(response.headers.get("content-type")).toBe(exchange.contentType);
  const expected = expectedAnswer(exchange);
  const got = answer.toString("latin1");
  expect(got.slice(0, expected.length)).toBe(expected);
  if (hasNoEnd(exchange)) expect(got.slice(expected.length)).toMatch(BROKEN_OFF);
  else expect(got).toHaveLength(expected.length);

  const row = await requestRow(gateway, response.headers.get("x-request-id") ?? "");
  expect(row.status).toBe(exchange.status);
  const billed = billedTokens(exchange);
  if (billed === null) expect(row.exact).toBe(false);
  else expect({ ...row.tokens, exact: row.exact }).toEqual({ ...billed, exact: true });
}
