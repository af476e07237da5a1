import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const refusal: Scenario = async (stage) => {
  const { column, row } = stage;
  // OpenAI's own Chat, and its followers', ends a refusal like any other answer.
  const plain = row.dialect === "openai-chat" && column.upstream(row.dialect) === row.dialect && !column.marked;
  const reply = await stage.ask(plain ? "refusal-plain" : "refusal", {}, `${column.model}+refusal`);
  expect(reply.refusal).toEqual(expect.any(String));
  await stage.ended();
};
