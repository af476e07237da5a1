import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { useSimulator } from "./setup.ts";

const { openai, newest, url } = useSimulator();

const model = "gpt-6.1-sol";
const tool = (name: string): OpenAI.Responses.FunctionTool => ({
  type: "function",
  name,
  strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});

describe("Responses", () => {
  test("answers whole and streamed alike, and counts beforehand what it bills", async () => {
    const body = { model, input: "good morning", instructions: "be brief" };
    const whole = await openai().responses.create(body);
    expect(whole.output_text).toBe(`You said: "good morning". This is ${model}, simulated.`);
    const streamed = await openai().responses.stream(body).finalResponse();
    expect(streamed.output_text).toBe(whole.output_text);
    expect(streamed.usage).toEqual(whole.usage);
    expect((await newest()).usage).toEqual(whole.usage);
    const counted = await openai().responses.inputTokens.count(body);
    expect(counted.input_tokens).toBe(whole.usage?.input_tokens);
  });

  test("numbers its events from zero and names them by their type", async () => {
    const response = await fetch(`${url()}/openai/v1/responses`, {
      method: "POST",
      headers: { authorization: "Bearer k" },
      body: JSON.stringify({ model, input: "hi", stream: true, reasoning: { effort: "low", summary: "auto" } }),
    });
    const events = (await response.text()).trimEnd().split("\n\n");
    const parsed = events.map((event) => /^event: (.+)\ndata: (.+)$/.exec(event));
    expect(parsed.map((match) => JSON.parse(match?.[2] ?? "{}"))).toMatchObject(
      parsed.map((match, index) => ({ type: match?.[1], sequence_number: index })),
    );
    expect(parsed.map((match) => match?.[1])).toEqual(
      expect.arrayContaining([
        "response.created",
        "response.reasoning_summary_text.delta",
        "response.output_text.done",
        "response.completed",
      ]),
    );
  });

  test("thinks, takes its own reasoning back and no other", async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "weather?" }];
    const reasoning = { effort: "low", summary: "auto" } as const;
    const tools = [tool("weather"), tool("traffic")];
    const first = await openai().responses.stream({ model, input, reasoning, tools }).finalResponse();
    expect(first.output.map((item) => item.type)).toEqual(["reasoning", "function_call", "function_call"]);
    expect(first.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    const calls = first.output.filter((item) => item.type === "function_call");
    expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([
      { city: "example city" },
      { city: "example city" },
    ]);
    const thought = first.output.find((item) => item.type === "reasoning");
    expect(thought?.summary[0]?.text).toContain("weather?");
    // The helper adds fields of its own to what came over the wire.
    const history = first.output.map(({ ...item }) => {
      if ("parsed_arguments" in item) delete (item as { parsed_arguments?: unknown }).parsed_arguments;
      return item;
    }) as OpenAI.Responses.ResponseInput;
    const results = calls.map((call, index) => ({
      type: "function_call_output" as const,
      call_id: call.call_id,
      output: `r${index}`,
    }));
    const second = await openai().responses.create({
      model,
      input: [...input, ...history, ...results],
      reasoning,
      tools,
    });
    expect(second.output_text).toBe('The tools answered: "r0" and "r1".');
    const forged = history.map((item) => (item.type === "reasoning" ? { ...item, encrypted_content: "gAAAA" } : item));
    await expect(openai().responses.create({ model, input: [...input, ...forged, ...results] })).rejects.toMatchObject({
      status: 400,
      code: "invalid_encrypted_content",
    });
    // Nor from another account, which does not know the response either.
    const other = openai().withOptions({ apiKey: "simulated-second" });
    await expect(other.responses.create({ model, input: [...input, ...history, ...results] })).rejects.toMatchObject({
      status: 400,
      code: "invalid_encrypted_content",
    });
    const next = other.responses.create({ model, previous_response_id: first.id, input: results });
    await expect(next).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
    await expect(openai().responses.create({ model, input: [...input, ...history] })).rejects.toThrow(
      /No tool output found for function call call_/,
    );
  });

  test("fits a schema, calls free-form tools, refuses, and is incomplete at the cap", async () => {
    const schema = {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
      additionalProperties: false,
    };
    const json = await openai().responses.create({
      model,
      input: "x",
      text: { format: { type: "json_schema", name: "s", schema } },
    });
    expect(JSON.parse(json.output_text)).toEqual({ city: "example city" });
    const custom = await openai()
      .responses.stream({ model, input: "print it", tools: [{ type: "custom", name: "shell" }] })
      .finalResponse();
    expect(custom.output[0]).toMatchObject({ type: "custom_tool_call", name: "shell", input: "print it" });
    const refused = await openai()
      .responses.stream({ model: `${model}+refusal`, input: "x" })
      .finalResponse();
    expect(refused.output[0]).toMatchObject({ type: "message", content: [{ type: "refusal" }] });
    const cut = await openai().responses.create({ model: `${model}+chunks-90`, input: "x", max_output_tokens: 16 });
    expect([cut.status, cut.incomplete_details?.reason, cut.usage?.output_tokens]).toEqual([
      "incomplete",
      "max_output_tokens",
      16,
    ]);
  });

  test("goes on from a stored response, and from none that was not stored", async () => {
    const first = await openai().responses.create({ model, input: "weather?", tools: [tool("weather")] });
    const call = first.output.find((item) => item.type === "function_call");
    const output = { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "sunny" };
    const second = await openai().responses.create({
      model,
      previous_response_id: first.id,
      input: [output],
      tools: [tool("weather")],
    });
    expect(second.output_text).toBe('The tool answered: "sunny".');
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    const referring = await openai().responses.create({
      model,
      input: [{ role: "user", content: "x" }, { type: "item_reference", id: call?.id ?? "" }, output],
    });
    expect(referring.output_text).toBe('The tool answered: "sunny".');
    await expect(
      openai().responses.create({ model, input: [{ type: "item_reference", id: "fc_1" }] }),
    ).rejects.toMatchObject({ status: 404 });
    const forgotten = await openai().responses.create({ model, input: "x", store: false });
    const next = openai().responses.create({ model, previous_response_id: forgotten.id, input: "y" });
    await expect(next).rejects.toMatchObject({ status: 400, code: "previous_response_not_found" });
  });

  test.each([
    ["an unknown parameter", { stray: 1 }, "unknown_parameter"],
    ["state it does not hold", { previous_response_id: "resp_1" }, "previous_response_not_found"],
    ["no input", { input: undefined }, "missing_required_parameter"],
    ["a cap under 16", { max_output_tokens: 3 }, "integer_below_min_value"],
    ["a bad role", { input: [{ role: "robot", content: "x" }] }, "invalid_value"],
  ])("refuses %s", async (_, body, code) => {
    const response = await fetch(`${url()}/openai/v1/responses`, {
      method: "POST",
      headers: { authorization: "Bearer k" },
      body: JSON.stringify({ model, input: "x", ...body }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error", code } });
  });
});
