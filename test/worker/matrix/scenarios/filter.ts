import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const filter: Scenario = async (stage) => {
  const { column, row } = stage;
  // Claude has one word for both.
  const ending = column.upstream(row.dialect) === "anthropic-messages" ? "refusal" : "filter";
  const reply = await stage.ask(ending, {}, `${column.model}+filter`);
  // The AI SDK shows Claude's explanation after it.
  expect(reply.text.slice(0, stage.echo().length)).toBe(stage.echo());
  await stage.ended();
};
