import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { seeded } from "../../support/translation/seeded.ts";

/** Many clients at once, each asking once: what they ask, when they leave, and what they saw. */

/** When a client leaves. */
export type Leaving = "never" | "at once" | "at the first byte" | "in the middle" | "some time";

export interface Plan {
  /** Stands in the prompt and is the session's id: books, rows and clients are matched by it. */
  name: string;
  model: string;
  /** Directives of the simulator. */
  misbehaviour: string;
  /** The provider fails by them. */
  fails: boolean;
  apiKey: string;
  path: string;
  body: object;
  streamed: boolean;
  /** Milliseconds until it is sent. */
  start: number;
  leaving: Leaving;
  /** Milliseconds until it leaves, where that is after some time. */
  after: number;
}

/** The name of a plan in whatever was made of its request; `?` where there is none. */
export const nameIn = (text: string): string => /storm-\d{4}/.exec(text)?.[0] ?? "?";

/** What a client saw of its request. */
export interface Outcome {
  plan: Plan;
  /** Null: it left, or the connection broke, before there were headers. */
  status: number | null;
  headers: IncomingMessage["headers"];
  text: string;
  /** The answer came to its end and the client was there. */
  whole: boolean;
}

const OUTPUT = 800;
const SYSTEM = "Answer as briefly as you can. ".repeat(4);

const DIALECTS: Record<string, (model: string, text: string, stream: boolean) => { path: string; body: object }> = {
  chat: (model, text, stream) => ({
    path: "/v1/chat/completions",
    body: {
      ...{ model, stream, max_completion_tokens: OUTPUT },
      messages: [
        { role: "system", content: SYSTEM },
        { role: "user", content: text },
      ],
    },
  }),
  responses: (model, text, stream) => ({
    path: "/v1/responses",
    body: { model, stream, max_output_tokens: OUTPUT, instructions: SYSTEM, input: text, store: false },
  }),
  messages: (model, text, stream) => ({
    path: "/v1/messages",
    body: { model, stream, max_tokens: OUTPUT, system: SYSTEM, messages: [{ role: "user", content: text }] },
  }),
  gemini: (model, text, stream) => ({
    path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: {
      systemInstruction: { parts: [{ text: SYSTEM }] },
      contents: [{ role: "user", parts: [{ text }] }],
      generationConfig: { maxOutputTokens: OUTPUT },
    },
  }),
};

/** Relayed and translated, cheap and dear. */
const ASKED = [
  ["chat", "openai/gpt-4.1"],
  ["chat", "openai/gpt-5.4-mini"],
  ["responses", "openai/gpt-5.4-mini"],
  ["messages", "anthropic/claude-haiku-4-5"],
  ["gemini", "google/gemini-3.6-flash"],
  ["chat", "anthropic/claude-haiku-4-5"],
  ["messages", "openai/gpt-4.1"],
  ["gemini", "openai/gpt-4.1"],
  ["responses", "google/gemini-3.6-flash"],
] as const;

/** What goes wrong at the provider, each as often as every other; the empty ones stand for health. */
const WHOLE_FAULTS = [
  "",
  "",
  "",
  "",
  "",
  "+status-500",
  "+status-429",
  "+hangup",
  "+html",
  "+empty",
  "+malformed",
  "+cut-0",
  "+no-usage",
  "+huge-usage",
  "+headers-after-400",
];
const STREAM_FAULTS = [
  "",
  "",
  "",
  "",
  "+pace-20",
  "+pace-40",
  "+status-503",
  "+hangup",
  "+cut-3",
  "+reset-4",
  "+eof-3",
  "+error-3",
  "+malformed-2",
  "+no-usage",
  "+negative-usage",
  "+first-byte-after-300",
];

const BREAKING = /status|hangup|html|empty|malformed|cut|reset|eof|error/;

const LEAVING: readonly Leaving[] = ["at once", "at the first byte", "in the middle", "some time"];

/** So many requests within a time, the same for the same seed; a third of their clients leave. */
export function planStorm(seed: number, count: number, within: number, keys: readonly { key: string }[]): Plan[] {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  return Array.from({ length: count }, (_, nth) => {
    const name = `storm-${String(nth).padStart(4, "0")}`;
    const streamed = random() < 0.5;
    const [dialect, model] = pick(ASKED);
    const fault = pick(streamed ? STREAM_FAULTS : WHOLE_FAULTS);
    const again = dialect === "chat" && model.startsWith("openai/") && random() < 0.1 ? "+only-responses" : "";
    const misbehaviour = `+bytes-${1600 + Math.floor(random() * 1600)}+chunks-12${again}${fault}`;
    return {
      ...{ name, model, misbehaviour, fails: BREAKING.test(fault), streamed, apiKey: pick(keys).key },
      ...(DIALECTS[dialect] as (typeof DIALECTS)[string])(model, `This is ${name}.`, streamed),
      start: Math.floor(random() * within),
      leaving: random() < 1 / 3 ? pick(LEAVING) : "never",
      after: Math.floor(random() * 3000),
    };
  });
}

/** Sends everything, each client over a connection of its own, and waits until all have ended or left. */
export async function storm(url: string, plans: readonly Plan[]): Promise<Outcome[]> {
  const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }));
  try {
    return await Promise.all(
      plans.map(async (plan, nth) => {
        if (plan.start > 0) await sleep(plan.start);
        return ask(url, plan, agents[nth % agents.length] as Agent);
      }),
    );
  } finally {
    for (const agent of agents) agent.destroy();
  }
}

/** Asks once. */
function ask(url: string, plan: Plan, agent: Agent): Promise<Outcome> {
  const { name, apiKey, path, body, leaving, after } = plan;
  const outcome: Outcome = { plan, status: null, headers: {}, text: "", whole: false };
  const text = JSON.stringify(body);
  return new Promise((resolve) => {
    const done = () => resolve(outcome);
    const headers = {
      ...{ authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      ...{ "content-length": Buffer.byteLength(text), "x-gaia-session": name },
    };
    const request = httpRequest(url + path, { method: "POST", agent, headers });
    const leave = () => request.destroy();
    request.once("error", done).once("close", done);
    request.once("response", (response) => {
      outcome.status = response.statusCode ?? 0;
      outcome.headers = response.headers;
      let pieces = 0;
      response.setEncoding("utf8").on("data", (piece: string) => {
        outcome.text += piece;
        pieces++;
        if (leaving === "at the first byte" || (leaving === "in the middle" && pieces === 3)) leave();
      });
      response.once("error", done).once("end", () => {
        outcome.whole = true;
        done();
      });
    });
    if (leaving === "some time") setTimeout(leave, after).unref();
    request.end(text, () => {
      if (leaving === "at once") setTimeout(leave, 5);
    });
  });
}
