import type { Call } from "./load.ts";
import type { Stage } from "./stage.ts";

/** The same request to the floor and to the router. */
export interface Workload {
  title: string;
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

function workload(stage: Stage, { title, mount, path, provider, model, headers, body }: Shape): Workload {
  const call = (origin: string, name: string, key: string): Call => ({
    url: origin + path.replace("{model}", name),
    headers: { ...AGENT, ...headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(path.includes("{model}") ? body : { model: name, ...body }),
  });
  return {
    title,
    floor: call(stage.floor.url + mount, model, "a-key-of-the-provider"),
    router: call(stage.router.url, `${provider}/${model}`, stage.apiKey),
  };
}

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
