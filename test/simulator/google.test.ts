import type { Content, FunctionCallingConfigMode, GenerateContentResponse } from "@google/genai";
import { describe, expect, test } from "vitest";
import { collect, useSimulator } from "./setup.ts";

const { google, newest, url } = useSimulator();

const model = "gemini-3.6-flash";
const declare = (name: string) => ({
  name,
  description: "",
  parametersJsonSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});
const tools = [{ functionDeclarations: [declare("weather"), declare("traffic")] }];

/** A bare call, to see status and bytes. */
const post = (
  path: string,
  body: unknown,
  headers: Record<string, string> = { "x-goog-api-key": "k" },
): Promise<Response> => fetch(`${url()}/google${path}`, { method: "POST", headers, body: JSON.stringify(body) });

const contents: Content[] = [{ role: "user", parts: [{ text: "good morning" }] }];

const partsOf = (chunks: GenerateContentResponse[]) =>
  chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);

describe("generateContent", () => {
  test("answers whole and streamed alike, and counts beforehand what it bills", async () => {
    const whole = await google().models.generateContent({ model, contents });
    expect(whole.text).toBe(`You said: "good morning". This is ${model}, simulated.`);
    expect((await newest()).usage).toEqual(whole.usageMetadata);
    const chunks = await collect(await google().models.generateContentStream({ model, contents }));
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(whole.text);
    expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP");
    const counted = await google().models.countTokens({ model, contents });
    expect(counted.totalTokens).toBe(whole.usageMetadata?.promptTokenCount);
  });

  test("streams events in CRLF, and one JSON array without alt=sse", async () => {
    for (const version of ["v1beta", "v1"]) {
      const events = await (
        await post(`/${version}/models/${model}:streamGenerateContent?alt=sse`, { contents })
      ).text();
      const chunks = events.split("\r\n\r\n");
      expect(chunks.pop()).toBe("");
      expect(chunks.every((chunk) => /^data: \{"candidates": \[\{[^\n]*\}$/.test(chunk))).toBe(true);
      const array = await (await post(`/${version}/models/${model}:streamGenerateContent`, { contents })).text();
      const parsed = JSON.parse(array) as GenerateContentResponse[];
      expect(array).toMatch(/^\[\{\n {2}"candidates"/);
      expect(
        partsOf(parsed)
          .map((part) => part.text)
          .join(""),
      ).toBe(`You said: "good morning". This is ${model}, simulated.`);
      expect(parsed).toHaveLength(chunks.length);
    }
  });

  test("calls two tools, wants its signature back, and closes with the results", async () => {
    const config = { tools };
    const chunks = await collect(await google().models.generateContentStream({ model, contents, config }));
    const parts = partsOf(chunks).filter((part) => part.functionCall !== undefined);
    expect(parts.map((part) => [part.functionCall?.name, part.functionCall?.args])).toEqual([
      ["weather", { city: "example city" }],
      ["traffic", { city: "example city" }],
    ]);
    expect(parts.map((part) => part.thoughtSignature !== undefined)).toEqual([true, false]);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP");
    const results: Content = {
      role: "user",
      parts: parts.map((part, index) => ({
        functionResponse: {
          id: part.functionCall?.id ?? "",
          name: part.functionCall?.name ?? "",
          response: { output: `r${index}` },
        },
      })),
    };
    const replay = (signature: string | undefined, replies = results) => {
      const turn: Content = {
        role: "model",
        parts: parts.map((part, index) =>
          index === 0
            ? { functionCall: part.functionCall ?? {}, ...(signature !== undefined && { thoughtSignature: signature }) }
            : part,
        ),
      };
      return google().models.generateContent({ model, contents: [...contents, turn, replies], config });
    };
    expect((await replay(parts[0]?.thoughtSignature)).text).toBe('The tools answered: "r0" and "r1".');
    expect((await replay("skip_thought_signature_validator")).text).toBe('The tools answered: "r0" and "r1".');
    await expect(replay("AAAA")).rejects.toThrow(/Corrupted thought signature/);
    await expect(replay(undefined)).rejects.toThrow(/missing a thought_signature/);
    await expect(
      replay(parts[0]?.thoughtSignature, { role: "user", parts: results.parts?.slice(1) ?? [] }),
    ).rejects.toThrow(/number of function response parts/);
  });

  test("takes a streamed answer back piece by piece, as the SDK's chats keep it", async () => {
    const chat = google().chats.create({ model, config: { tools, thinkingConfig: { includeThoughts: true } } });
    const parts = partsOf(await collect(await chat.sendMessageStream({ message: "go" })));
    const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]));
    expect(chat.getHistory().filter(({ role }) => role === "model").length).toBeGreaterThan(calls.length);
    const message = calls.map(({ id = "", name = "" }) => ({
      functionResponse: { id, name, response: { name, content: `of ${name}` } },
    }));
    expect((await chat.sendMessage({ message })).text).toBe('The tools answered: "of weather" and "of traffic".');
  });

  test.each([
    ["NONE", undefined, []],
    ["ANY", undefined, ["weather", "traffic"]],
    ["ANY", ["traffic"], ["traffic"]],
  ])("tool mode %s of %s", async (mode, allowedFunctionNames, names) => {
    const functionCallingConfig = {
      mode: mode as FunctionCallingConfigMode,
      ...(allowedFunctionNames !== undefined && { allowedFunctionNames }),
    };
    const answer = await google().models.generateContent({
      model: `${model}+tools-${names.length}`,
      contents,
      config: { tools, toolConfig: { functionCallingConfig } },
    });
    expect((answer.functionCalls ?? []).map((call) => call.name)).toEqual(names);
  });

  test("shows its thoughts when asked and bills them apart", async () => {
    const hidden = await google().models.generateContent({
      model,
      contents,
      config: { thinkingConfig: { thinkingBudget: 100 } },
    });
    const shown = await collect(
      await google().models.generateContentStream({
        model,
        contents,
        config: { thinkingConfig: { includeThoughts: true } },
      }),
    );
    expect(hidden.candidates?.[0]?.content?.parts?.some((part) => part.thought)).toBe(false);
    expect(partsOf(shown)[0]).toMatchObject({ thought: true, text: expect.stringContaining("good morning") });
    expect(shown.at(-1)?.usageMetadata).toEqual(hidden.usageMetadata);
    const { tokens } = await newest();
    expect(hidden.usageMetadata).toMatchObject({
      thoughtsTokenCount: tokens?.reasoning,
      candidatesTokenCount: (tokens?.output ?? 0) - (tokens?.reasoning ?? 0),
    });
    const off = await google().models.generateContent({
      model,
      contents,
      config: { thinkingConfig: { thinkingBudget: 0 } },
    });
    expect(off.usageMetadata?.thoughtsTokenCount).toBeUndefined();
  });

  test("fits a schema, stops, cuts, answers several times, is blocked", async () => {
    const generate = (config: object, name = model) =>
      google().models.generateContent({ model: name, contents, config });
    const openApi = {
      type: "OBJECT",
      properties: { when: { type: "STRING", format: "date-time" }, level: { type: "STRING", enum: ["LOW"] } },
    };
    expect(
      JSON.parse((await generate({ responseMimeType: "application/json", responseSchema: openApi })).text ?? ""),
    ).toEqual({ when: "2026-01-02T03:04:05Z", level: "LOW" });
    expect((await generate({ stopSequences: ["morning"] })).text).toBe('You said: "good ');
    const cut = await generate({ maxOutputTokens: 2 });
    expect([cut.candidates?.[0]?.finishReason, cut.usageMetadata?.candidatesTokenCount]).toEqual(["MAX_TOKENS", 2]);
    expect((await generate({ candidateCount: 2 })).candidates).toHaveLength(2);
    const blocked = await generate({}, `${model}+blocked`);
    expect([blocked.candidates, blocked.promptFeedback?.blockReason]).toEqual([undefined, "PROHIBITED_CONTENT"]);
  });

  test("reads a long repeated prefix from the cache; the prompt count includes it", async () => {
    const systemInstruction = "All work and no play. ".repeat(400);
    const first = await google().models.generateContent({ model, contents, config: { systemInstruction } });
    const second = await google().models.generateContent({ model, contents, config: { systemInstruction } });
    expect(first.usageMetadata?.cachedContentTokenCount).toBeUndefined();
    expect(second.usageMetadata?.cachedContentTokenCount).toBe(2176);
    expect(second.usageMetadata?.promptTokenCount).toBe(first.usageMetadata?.promptTokenCount);
    expect((await newest()).tokens).toMatchObject({ cacheRead: 2176, cacheWrite: 0 });
  });

  test("takes snake_case, any of its key styles, slashes and colons in the model", async () => {
    const body = {
      contents,
      generation_config: { max_output_tokens: 1 },
      system_instruction: { parts: [{ text: "x" }] },
    };
    const path = "/v1beta/models/tuned/my:model+pace-0:generateContent";
    for (const [query, headers] of [
      ["?key=k", {}],
      ["", { authorization: "Bearer k" }],
      ["", { "x-goog-api-key": "k" }],
    ] as [string, Record<string, string>][]) {
      const response = await post(path + query, body, headers);
      expect(await response.json()).toMatchObject({
        candidates: [{ finishReason: "MAX_TOKENS" }],
        modelVersion: "tuned/my:model",
      });
    }
    expect((await newest("contains=max_output_tokens")).path).not.toContain("key=k");
    const refused = await post(path, body, {});
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { status: "PERMISSION_DENIED" } }]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["an unknown field", { stray: 1 }, 'Invalid JSON payload received. Unknown name "stray": Cannot find field.'],
    ["an unknown setting", { generationConfig: { stray: 1 } }, "Unknown name \"stray\" at 'generation_config'"],
    ["no contents", { contents: [] }, "contents is not specified"],
    ["a bad role", { contents: [{ role: "robot", parts: [{ text: "x" }] }] }, "Please use a valid role: user, model."],
    ["an empty part", { contents: [{ role: "user", parts: [{}] }] }, "must have one initialized field"],
    ["six stop sequences", { generationConfig: { stopSequences: [..."abcdef"] } }, "at most 5"],
    [
      "two thinking knobs",
      { generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: "LOW" } } },
      "only set only one",
    ],
  ])("refuses %s", async (_, body, message) => {
    const response = await post(`/v1beta/models/${model}:generateContent`, { contents, ...body });
    const { error } = (await response.json()) as { error: { code: number; status: string; message: string } };
    expect([response.status, error.code, error.status]).toEqual([400, 400, "INVALID_ARGUMENT"]);
    expect(error.message).toContain(message);
  });

  test("embeds one and many, lists its models", async () => {
    const one = await google().models.embedContent({
      model: "gemini-embedding-001",
      contents: "x",
      config: { outputDimensionality: 4 },
    });
    expect(Math.hypot(...(one.embeddings?.[0]?.values ?? []))).toBeCloseTo(1, 5);
    const batch = await post("/v1beta/models/gemini-embedding-001:batchEmbedContents", {
      requests: ["x", "y"].map((text) => ({
        model: "models/gemini-embedding-001",
        content: { parts: [{ text }] },
        outputDimensionality: 4,
      })),
    });
    const { embeddings, usageMetadata } = (await batch.json()) as {
      embeddings: { values: number[] }[];
      usageMetadata: { promptTokenCount: number };
    };
    expect(embeddings.map((vector) => vector.values.length)).toEqual([4, 4]);
    expect(embeddings[0]?.values).toEqual(one.embeddings?.[0]?.values);
    expect((await newest()).tokens?.inputUncached).toBe(usageMetadata.promptTokenCount);
    const names = (await collect(await google().models.list({ config: { pageSize: 2 } }))).map((listed) => listed.name);
    expect(names).toContain(`models/${model}`);
    expect(new Set(names).size).toBe(names.length);
    expect((await google().models.get({ model })).displayName).toBe("Gemini 3.6 Flash");
    await expect(google().models.get({ model: "nothing" })).rejects.toMatchObject({ status: 404 });
  });
});
