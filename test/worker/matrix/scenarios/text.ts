import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const text: Scenario = async (stage) => {
  const reply = await stage.ask("end");
  expect(reply).toMatchObject({ text: stage.echo(), thought: "", calls: [] });
  const { sent } = await stage.ended();
  expect(sent[0]).toMatchObject({ system: "", tools: [], schema: null, stop: [], thinking: null });
  expect(sent[0]?.turns).toMatchObject([{ role: "user", text: stage.text, media: [] }]);
};
