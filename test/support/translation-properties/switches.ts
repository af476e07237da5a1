import fc from "fast-check";
import { THINKING_SEAL } from "../../../local/simulator/anthropic/history.ts";
import { THOUGHT_SEAL } from "../../../local/simulator/google/request.ts";
import { REASONING_SEAL } from "../../../local/simulator/openai/responses-request.ts";
import { checkSeal } from "../../../local/simulator/seal.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { ENVELOPE_MARK, ENVELOPE_MARK_BASE64 } from "../../../worker/canonical/envelope.ts";
import { arrayAt, isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../../worker/lib/json.ts";
import { type Line, TALKS } from "./talks.ts";
import type { Sent } from "./upstreams.ts";

/** Conversations that go from model to model, and what no vendor may be sent in them. */

/** Models of each vendor, known to the catalogue and not, that think and do not, and OpenRouter's of each vendor. */
const MODELS = [
  "openai/gpt-6.1-sol",
  "openai/gpt-5.4-mini",
  "openai/gpt-4.1",
  "openai/gpt-99",
  "anthropic/claude-opus-5-5",
  "anthropic/claude-sonnet-4-5",
  "anthropic/claude-haiku-5-5",
  "anthropic/claude-9",
  "google/gemini-3.6-flash",
  "google/gemini-2.5-flash",
  "google/gemini-9",
  "openrouter/openai/gpt-6.1-sol",
  "openrouter/anthropic/claude-sonnet-5.5",
  "openrouter/google/gemini-2.5-flash",
  "openrouter/z-ai/glm-5",
];

/** How the model behaves this time. */
const MANNERS = [
  ...["", "", "", "+preamble", "+tools-3", "+redacted", "+thinking", "+refusal", "+filter"],
  ...["+chunks-3", "+crlf", "+split-7", "+comments"],
];

export interface Step {
  model: string;
  text: string;
  picture: boolean;
  stream: boolean;
  thinks: "no" | "yes" | "shown";
  tools: boolean;
  order: number[];
}

const step: fc.Arbitrary<Step> = fc.record({
  model: fc.tuple(fc.constantFrom(...MODELS), fc.constantFrom(...MANNERS)).map(([model, manner]) => model + manner),
  text: fc.constantFrom("hello", "and then?", "weather in Kyiv", "déjà 👩‍👩‍👧", '{"a":1}', "<b>"),
  picture: fc.nat(5).map((one) => one === 0),
  stream: fc.boolean(),
  thinks: fc.constantFrom("no", "yes", "shown"),
  tools: fc.nat(3).map((one) => one > 0),
  order: fc.array(fc.nat(9), { minLength: 3, maxLength: 3 }),
});

export const script = fc.array(step, { minLength: 2, maxLength: 7 });

const ISSUERS = { anthropic: THINKING_SEAL, openai: REASONING_SEAL, google: THOUGHT_SEAL, openrouter: "openrouter" };
type Issuer = keyof typeof ISSUERS;

/** Whose state an endpoint reads: the vendor's own, and behind OpenRouter's Messages and Responses their vendors'. */
function reads({ provider, path }: Sent): Issuer | null {
  if (path.includes("/chat/completions")) return provider === "openrouter" ? "openrouter" : null;
  if (path.includes("/responses")) return "openai";
  return path.includes("/messages") ? "anthropic" : "google";
}

/** Every state in a JSON text, or in texts within it, with who has issued it. */
function statesIn(value: unknown, found: Map<string, Issuer>): void {
  if (typeof value === "string") {
    if (!/^[A-Za-z0-9+/]{59}[A-Za-z0-9+/=]$/.test(value)) return;
    for (const [issuer, seal] of Object.entries(ISSUERS)) {
      if (checkSeal(seal, value, "") === "valid") found.set(value, issuer as Issuer);
    }
  } else if (Array.isArray(value)) for (const one of value) statesIn(one, found);
  else if (isObject(value)) for (const one of Object.values(value)) statesIn(one, found);
}

/** What a provider has issued in an answer, whole or streamed. */
function issuedIn(reply: string): Map<string, Issuer> {
  const found = new Map<string, Issuer>();
  const texts = /^(?:data|event|:)/m.test(reply)
    ? reply.split(/\r?\n/).map((line) => line.replace(/^data: ?/, ""))
    : [reply];
  for (const text of texts) statesIn(parseJson(text), found);
  return found;
}

export interface Report {
  /** What must not be, one line each. */
  wrong: string[];
  turns: number;
  /** States that came back to who had issued them. */
  returned: number;
}

/** Holds a conversation; `sent` are the requests so far as the providers got them. */
export async function converse(
  dialect: ChatDialectId,
  steps: readonly Step[],
  line: Line,
  sent: readonly Sent[],
): Promise<Report> {
  const talk = TALKS[dialect](line);
  const report: Report = { wrong: [], turns: 0, returned: 0 };
  const issued = new Map<string, Issuer>();
  const prompts = new Map<string, string[]>();
  let waiting: string[] = [];
  for (const { text, picture, order, ...asked } of steps) {
    if (waiting.length > 0)
      talk.answer(
        waiting.map((_, index) => `r${index}`),
        order,
      );
    else talk.say(text, picture);
    const before = sent.length;
    let turn: Awaited<ReturnType<typeof talk.ask>>;
    try {
      turn = await talk.ask(asked);
    } catch (error) {
      report.wrong.push(`${asked.model}: ${String(error)}`);
      break;
    }
    report.turns++;
    const [request] = sent.slice(before);
    if (request === undefined) {
      report.wrong.push(`${asked.model}: nothing was sent`);
      break;
    }
    checkRequest(dialect, request, issued, report);
    checkPrefix(request, asked.model, prompts, turn.kept, report);
    if (turn.kept) {
      waiting = turn.calls;
      for (const [state, issuer] of issuedIn(request.reply)) issued.set(state, issuer);
    } else talk.forget();
  }
  return report;
}

/** Anthropic with manual thinking: a turn whose calls are being answered begins with a thought. */
function thinksBeforeCalls(body: JsonObject): boolean {
  if (stringAt(objectAt(body, "thinking"), "type") !== "enabled") return true;
  const messages = arrayAt(body, "messages");
  const last = messages.findLastIndex((message) => stringAt(message, "role") === "assistant");
  const answered = messages
    .slice(last + 1)
    .some((message) => arrayAt(message, "content").some((block) => stringAt(block, "type") === "tool_result"));
  const types = arrayAt(messages[last], "content").map((block) => stringAt(block, "type"));
  return !answered || !types.includes("tool_use") || /thinking/.test(types[0] ?? "");
}

/** What a model was sent before is sent to it again byte for byte, or its cache is of no use. */
function checkPrefix(
  { text, provider, path }: Sent,
  model: string,
  prompts: Map<string, string[]>,
  kept: boolean,
  report: Report,
): void {
  const { messages, input, contents } = JSON.parse(text) as JsonObject;
  const turns = ((messages ?? input ?? contents) as unknown[]).map((turn) => JSON.stringify(turn));
  const name = `${path} ${model}`;
  const before = prompts.get(name) ?? [];
  if (before.some((turn, index) => turn !== turns[index])) report.wrong.push(`${provider}${path}: another prefix`);
  if (kept) prompts.set(name, turns);
}

function checkRequest(
  dialect: ChatDialectId,
  request: Sent,
  issued: ReadonlyMap<string, Issuer>,
  report: Report,
): void {
  const where = `${request.provider}${request.path}`;
  const wrong = (what: string) => report.wrong.push(`${where}: ${what}`);
  if (request.status >= 400) wrong(`${request.status} ${request.reply}`);
  if (request.text.includes(ENVELOPE_MARK) || request.text.includes(ENVELOPE_MARK_BASE64)) wrong("an envelope");
  const body = JSON.parse(request.text) as JsonObject;
  if (!thinksBeforeCalls(body)) wrong("calls without a thought, with manual thinking");
  const calls = request.text.includes('"type":"tool_use"');
  if (dialect !== "anthropic-messages" && calls && !Array.isArray(body.tools))
    wrong("calls of tools that are not there");
  const reader = reads(request);
  const held = new Map<string, Issuer>();
  statesIn(body, held);
  for (const [state, issuer] of held) {
    if (issuer !== reader) wrong(`state of ${issuer}: ${state}`);
    if (!issued.has(state)) wrong(`state of nobody's: ${state}`);
  }
  for (const [state, issuer] of issued) {
    if (issuer !== reader) continue;
    if (held.has(state)) report.returned++;
    else wrong(`state that did not come back: ${state}`);
  }
}
