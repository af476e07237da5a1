import { expect } from "vitest";
import type { ToolSpec } from "../client.ts";
import { CALLED, type Scenario, TRAFFIC, WEATHER } from "../scenario.ts";

/** The model calls each tool, and is told the results in a second turn. */
const loop =
  (tools: ToolSpec[], results: string[], answer: string, preamble = ""): Scenario =>
  async (stage) => {
    const model = stage.column.model + (preamble === "" ? "" : "+preamble");
    const first = await stage.ask("tool", { tools }, model);
    const called = tools.map(({ name }) => ({ name, arguments: CALLED }));
    expect(first).toMatchObject({ text: preamble, calls: called });
    const second = await stage.goOn(first, results);
    expect(second).toMatchObject({ text: answer, calls: [] });
    const { sent } = await stage.ended();
    for (const { tools: offered } of sent) {
      expect(offered).toMatchObject(tools.map(({ name, description, schema }) => ({ name, description, schema })));
    }
    expect(sent[1]?.turns).toMatchObject([
      { role: "user", text: stage.text },
      { role: "assistant", calls: called, text: preamble },
      { role: "user", results, text: "" },
    ]);
  };

export const toolLoop = loop([WEATHER], ["Sunny, 21 °C"], 'The tool answered: "Sunny, 21 °C".');

const PARALLEL = [
  [WEATHER, TRAFFIC],
  ["Sunny", "Heavy"],
  'The tools answered: "Sunny" and "Heavy".',
] satisfies Parameters<typeof loop>;

export const parallelTools = loop(...PARALLEL);
export const textAndTools = loop(...PARALLEL, "I will ask weather and traffic.");
