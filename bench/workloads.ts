import type { Call } from "./load.ts";
import type { Stage } from "./stage.ts";

/** The same request to the floor and to the router. */
export interface Workload {
  title: string;
  /** What the router is held against. */
  against: "floor" | "loop";
  floor: Call;
  router: Call;
}

const CHUNKS = 300;

/** Some 1,200 characters: the simulator says it again in its answer, so that a chunk holds about as much as a token. */
const PROMPT =
  "A river begins where water gathers: a spring, a melting field of snow, a marsh that can hold no more. ".repeat(12);

const AGENT = { "user-agent": "OpenAI/JS 7.57.0", accept: "application/json", "content-type": "application/json" };

interface Shape {
  title: string;
  /** Where the simulator mounts the provider; the floor's client calls it there. */
  mount: string;
  /** The path below the mount and below the router; `{model}` is filled in where the dialect has it in the path. */
  path: string;
  provider: string;
  model: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** A call in a shape's dialect to `origin`, for a model of that name. */
const callTo = (origin: string, { path, headers, body }: Shape, name: string, key: string): Call => ({
  url: origin + path.replace("{model}", name),
  headers: { ...AGENT, ...headers, authorization: `Bearer ${key}` },
  body: JSON.stringify(path.includes("{model}") ? body : { model: name, ...body }),
});

/** The same call to both: dialect and provider are the shape's. */
const workload = (stage: Stage, shape: Shape): Workload => ({
  title: shape.title,
  against: "floor",
  floor: callTo(stage.floor.url + shape.mount, shape, shape.model, "a-key-of-the-provider"),
  router: callTo(stage.router.url, shape, `${shape.provider}/${shape.model}`, stage.apiKey),
});

const messages = [{ role: "user", content: PROMPT }];

/** Streams of `CHUNKS` chunks, `pace` milliseconds apart, in every dialect; in Chat with and without asking for usage. */
export function streams(stage: Stage, pace: number): Workload[] {
  const directives = `+chunks-${CHUNKS}+pace-${pace}+nobooks`;
  const chat = {
    mount: "/openai",
    path: "/v1/chat/completions",
    provider: "openai",
    model: `gpt-6.1-sol${directives}`,
    headers: {},
  };
  const shapes: Shape[] = [
    {
      ...chat,
      title: "Chat, usage asked for",
      body: { messages, stream: true, stream_options: { include_usage: true } },
    },
    { ...chat, title: "Chat, usage chunk removed", body: { messages, stream: true } },
    { ...chat, title: "Responses", path: "/v1/responses", body: { input: PROMPT, stream: true } },
    {
      title: "Messages",
      mount: "/anthropic",
      path: "/v1/messages",
      provider: "anthropic",
      model: `claude-sonnet-5-5${directives}`,
      headers: { "anthropic-version": "2023-06-01" },
      body: { max_tokens: 16_000, messages, stream: true },
    },
    {
      title: "Gemini",
      mount: "/google",
      path: "/v1beta/models/{model}:streamGenerateContent?alt=sse",
      provider: "google",
      model: `gemini-3.5-flash${directives}`,
      headers: {},
      body: { contents: [{ role: "user", parts: [{ text: PROMPT }] }] },
    },
  ];
  return shapes.map((shape) => workload(stage, shape));
}

/** A whole Chat answer. */
export const whole = (stage: Stage): Workload =>
  workload(stage, {
    title: "whole answers",
    mount: "/openai",
    path: "/v1/chat/completions",
    provider: "openai",
    model: "gpt-6.1-sol+nobooks",
    headers: {},
    body: { messages },
  });

/** A short Chat stream without pauses, for the time to its first byte. */
export const shortStream = (stage: Stage): Workload =>
  workload(stage, {
    title: "first byte",
    mount: "/openai",
    path: "/v1/chat/completions",
    provider: "openai",
    model: "gpt-6.1-sol+chunks-3+pace-0+nobooks",
    headers: {},
    body: { messages, stream: true, stream_options: { include_usage: true } },
  });

/** The four dialects: how a client speaks each, and where its vendor's models are. */
const SIDES: Shape[] = [
  {
    title: "Chat",
    mount: "/openai",
    path: "/v1/chat/completions",
    provider: "openai",
    model: "gpt-bench+only-chat",
    headers: {},
    body: { messages, stream: true, stream_options: { include_usage: true } },
  },
  {
    title: "Responses",
    mount: "/openai",
    path: "/v1/responses",
    provider: "openai",
    model: "gpt-bench+only-responses",
    headers: {},
    body: { input: PROMPT, stream: true },
  },
  {
    title: "Messages",
    mount: "/anthropic",
    path: "/v1/messages",
    provider: "anthropic",
    model: "claude-bench",
    headers: { "anthropic-version": "2023-06-01" },
    body: { max_tokens: 16_000, messages, stream: true },
  },
  {
    title: "Gemini",
    mount: "/google",
    path: "/v1beta/models/{model}:streamGenerateContent?alt=sse",
    provider: "google",
    model: "gemini-bench",
    headers: {},
    body: { contents: [{ role: "user", parts: [{ text: PROMPT }] }] },
  },
];

/**
 * A stream of every dialect to clients of every other. The loop passes the provider's own dialect on, so that both sides
 * read the same events; what the router writes instead is its own affair.
 */
export function translations(stage: Stage, pace: number): Workload[] {
  return SIDES.flatMap((upstream) =>
    SIDES.filter((client) => client !== upstream).map((client): Workload => {
      const model = `${upstream.model}+chunks-${CHUNKS}+pace-${pace}+nobooks`;
      return {
        title: `${client.title} client, ${upstream.title} provider`,
        against: "loop",
        floor: callTo(stage.loop.url + upstream.mount, upstream, model, "a-key-of-the-provider"),
        router: callTo(stage.router.url, client, `${upstream.provider}/${model}`, stage.apiKey),
      };
    }),
  );
}
