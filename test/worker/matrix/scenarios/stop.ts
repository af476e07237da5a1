import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const stop: Scenario = async (stage) => {
  const told = stage.column.upstream(stage.row.dialect) === "anthropic-messages";
  const reply = await stage.ask(told ? "stop-told" : "stop", { stop: "simulated" });
  expect(reply.text).toBe(stage.echo().replace("simulated.", ""));
  const { sent } = await stage.ended();
  expect(sent[0]?.stop).toEqual(["simulated"]);
};
