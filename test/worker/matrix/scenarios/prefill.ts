import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const prefill: Scenario = async (stage) => {
  const reply = await stage.ask("end", { prefill: "It is" }, stage.column.budgeted);
  expect(reply.text).toBe(stage.echo(stage.column.budgeted));
  const { sent } = await stage.ended();
  expect(sent[0]?.turns).toMatchObject([
    { role: "user", text: stage.text },
    { role: "assistant", text: "It is" },
  ]);
};
