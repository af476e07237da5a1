import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSeal } from "../../local/simulator/seal.ts";
import { type Simulator, startSimulator } from "../../local/simulator/server.ts";
import { ask } from "./setup.ts";

const TOOL = { name: "look", description: "Looks.", input_schema: { type: "object", properties: {} } };

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    port: 0,
    pace: 0,
    script: ({ tools: [tool] }) => (tool === undefined ? null : [{ think: "Hm." }, { call: tool, with: '{"at":1}' }]),
  });
});
afterAll(() => simulator?.close());

test("a script's thought is sealed and its call goes to the tool, in the vendor's form", async () => {
  const response = await ask(simulator.url, "anthropic", "claude-sonnet-5-5", { body: { tools: [TOOL] } });
  const { content, stop_reason } = (await response.json()) as { content: { signature: string }[]; stop_reason: string };
  expect(content).toMatchObject([
    { type: "thinking", thinking: "Hm." },
    { type: "tool_use", name: "look", input: { at: 1 } },
  ]);
  expect(checkSeal("anthropic", content[0]?.signature ?? "", "Hm.")).toBe("valid");
  expect(stop_reason).toBe("tool_use");
});

test("what it has no answer to is left to the planner", async () => {
  const response = await ask(simulator.url, "openai", "gpt-6.1-sol");
  expect(await response.text()).toContain("You said:");
});
