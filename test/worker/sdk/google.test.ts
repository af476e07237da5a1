import type { Content, FunctionDeclaration, GenerateContentResponse, GoogleGenAI } from "@google/genai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { CITY, checkMetered, collect, LONG_TEXT, partsOf, Visit } from "./visit.ts";

/** Google's SDK at the gateway: the generateContent family, with slashes in the model's name as the SDK sends them. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

type Case = (visit: Visit, client: GoogleGenAI, model: string) => Promise<{ stop: string; streamed: boolean }[]>;

const WHOLE = { stop: "end_turn", streamed: false };
const STREAM = { stop: "end_turn", streamed: true };

const ask = (text: string): Content[] => [{ role: "user", parts: [{ text }] }];
const declare = (name: string): FunctionDeclaration => ({
  name,
  description: `Tells the ${name}.`,
  parametersJsonSchema: CITY,
});
const echo = (model: string, text: string) => `You said: "${text}". This is ${partsOf(model).upstream}, simulated.`;
const turnOf = (chunks: GenerateContentResponse[]): Content => ({
  role: "model",
  parts: chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []),
});
const resultsOf = (turn: Content): Content => ({
  role: "user",
  parts: (turn.parts ?? [])
    .flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]))
    .map(({ id, name }, index) => ({
      functionResponse: {
        ...(id === undefined ? {} : { id }),
        ...(name === undefined ? {} : { name }),
        response: { output: `r${index}` },
      },
    })),
});

const CASES: Record<string, Case> = {
  async "a whole answer"(visit, client, model) {
    const answer = await client.models.generateContent({ model, contents: visit.marker });
    expect(answer.text).toBe(echo(model, visit.marker));
    return [WHOLE];
  },

  async "a stream"(visit, client, model) {
    const chunks = await collect(await client.models.generateContentStream({ model, contents: visit.marker }));
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(echo(model, visit.marker));
    const [entry] = await visit.books(1);
    expect(chunks.at(-1)?.usageMetadata).toEqual(entry?.usage);
    return [STREAM];
  },

  async "a chat that goes on"(visit, client, model) {
    const chat = client.chats.create({ model });
    await chat.sendMessage({ message: visit.marker });
    const chunks = await collect(await chat.sendMessageStream({ message: "and on" }));
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(echo(model, "and on"));
    return [WHOLE, STREAM];
  },

  async "parallel tools in a stream, the thought's signature sent back with the results"(visit, client, model) {
    const config = { tools: [{ functionDeclarations: [declare("weather"), declare("traffic")] }] };
    const first = await collect(
      await client.models.generateContentStream({ model, contents: ask(visit.marker), config }),
    );
    const turn = turnOf(first);
    const calls = (turn.parts ?? []).filter((part) => part.functionCall !== undefined);
    expect(calls.map(({ functionCall }) => [functionCall?.name, functionCall?.args])).toEqual([
      ["weather", { city: "example city" }],
      ["traffic", { city: "example city" }],
    ]);
    expect(calls[0]?.thoughtSignature !== undefined).toBe(model.includes("gemini-3"));
    const contents = [...ask(visit.marker), turn, resultsOf(turn)];
    const second = await client.models.generateContent({ model, contents, config });
    expect(second.text).toBe('The tools answered: "r0" and "r1".');
    return [{ stop: "tool_use", streamed: true }, WHOLE];
  },

  async "a tool loop that thinks aloud"(visit, client, model) {
    const config = {
      tools: [{ functionDeclarations: [declare("weather")] }],
      thinkingConfig: { includeThoughts: true },
    };
    const first = await client.models.generateContent({ model, contents: ask(visit.marker), config });
    const turn = turnOf([first]);
    expect(turn.parts?.[0]?.thought).toBe(true);
    const contents = [...ask(visit.marker), turn, resultsOf(turn)];
    await collect(await client.models.generateContentStream({ model, contents, config }));
    for (const entry of await visit.books(2)) expect(entry.tokens?.reasoning).toBeGreaterThan(0);
    return [{ stop: "tool_use", streamed: false }, STREAM];
  },

  async "an answer that fits a JSON schema"(visit, client, model) {
    const answer = await client.models.generateContent({
      model,
      contents: visit.marker,
      config: { responseMimeType: "application/json", responseJsonSchema: CITY },
    });
    expect(JSON.parse(answer.text ?? "")).toEqual({ city: "example city" });
    return [WHOLE];
  },

  async "an answer cut short, and one of several"(visit, client, model) {
    const asked = { model, contents: visit.marker };
    const cut = await client.models.generateContent({ ...asked, config: { maxOutputTokens: 3 } });
    expect(cut.candidates?.[0]?.finishReason).toBe("MAX_TOKENS");
    const several = await client.models.generateContent({ ...asked, config: { candidateCount: 2 } });
    expect(several.candidates).toHaveLength(2);
    return [{ stop: "max_tokens", streamed: false }, WHOLE];
  },

  async "a long prompt that the second request reads from the cache"(visit, client, model) {
    const asked = { model, contents: "hello", config: { systemInstruction: visit.marker + LONG_TEXT } };
    await client.models.generateContent(asked);
    await collect(await client.models.generateContentStream(asked));
    const [, second] = await visit.books(2);
    expect(second?.tokens?.cacheRead).toBeGreaterThan(1024);
    return [WHOLE, STREAM];
  },
};

/** Versions of the API in the path: the SDK's own choice, and the one most documentation shows. */
const MODELS = [
  ["google/gemini-3.6-flash", "v1"],
  ["google/gemini-2.5-pro", "v1"],
  ["google/gemini-3.6-flash", "v1beta"],
] as const;

describe.each(MODELS)("generateContent with %s under /%s", (model, version) => {
  test.concurrent.each(Object.keys(CASES))("%s", async (name) => {
    const visit = new Visit(gateway);
    const requests =
      (await CASES[name]?.(visit, visit.google(version === "v1" ? {} : { apiVersion: version }), model)) ?? [];
    const { books } = await checkMetered(visit, { dialect: "google-generate-content", model, requests });
    for (const { path } of books) expect(path.split("/")[2]).toBe(version);
  });
});

test("the key in the URL, and a bare name", async () => {
  const visit = new Visit(gateway);
  const response = await fetch(
    `${gateway.url}/v1beta/models/gemini-3.6-flash:streamGenerateContent?key=${gateway.apiKey}`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ contents: ask(visit.marker) }),
    },
  );
  // Without alt=sse the stream is a JSON array.
  const chunks = (await response.json()) as GenerateContentResponse[];
  const [entry] = await visit.books(1);
  expect(chunks.at(-1)?.usageMetadata).toEqual(entry?.usage);
  expect(entry?.path).not.toContain("key=");
  expect(gateway.output()).not.toContain(gateway.apiKey);
});

test("counting tokens is free, and tells what the request will be billed", async () => {
  const visit = new Visit(gateway);
  const client = visit.google();
  const asked = { model: "google/gemini-3.6-flash", contents: visit.marker };
  const counted = await client.models.countTokens(asked);
  const answered = await client.models.generateContent(asked);
  expect(counted.totalTokens).toBe(answered.usageMetadata?.promptTokenCount);
  const [row] = await visit.rows();
  expect(row).toMatchObject({ operation: "count_tokens", outcome: "ok", exact: true, cost_nano: 0 });
});

test("costs by hand", async () => {
  const visit = new Visit(gateway);
  const model = "google/gemini-embedding-001";
  await visit.google().models.embedContent({ model, contents: visit.marker });
  const [row] = await visit.rows();
  // Gemini Embedding 001: 0.15 USD per million in.
  expect(row?.cost_nano).toBe(Math.ceil(visit.marker.length / 4) * 150);
});

test("an aborted stream is read on for its bill, and settles as client_gone", async () => {
  const visit = new Visit(gateway);
  const abort = new AbortController();
  const stream = await visit.google().models.generateContentStream({
    model: "google/gemini-3.6-flash+chunks-100+pace-10",
    contents: visit.marker,
    config: { abortSignal: abort.signal },
  });
  const reading = (async () => {
    for await (const _ of stream) abort.abort();
  })();
  await expect(reading).rejects.toThrow(/abort/i);
  const [[entry], [row]] = await Promise.all([visit.books(1), visit.rows()]);
  expect(entry).toMatchObject({ clientGone: false, finished: true });
  expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: true, streamed: true });
  expect(row?.tokens.output).toBe(entry?.tokens?.output);
});
