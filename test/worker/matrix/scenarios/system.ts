import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const system: Scenario = async (stage) => {
  const reply = await stage.ask("end", { system: "You are terse." });
  expect(reply.text).toBe(stage.echo());
  const { sent } = await stage.ended();
  expect(sent[0]).toMatchObject({ system: "You are terse.", turns: [{ role: "user", text: stage.text }] });
};
