import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

export const multiTurn: Scenario = async (stage) => {
  const history = [
    { user: "Good morning.", assistant: "Good morning to you." },
    { user: "How are you?", assistant: "Well, thank you." },
  ];
  const reply = await stage.ask("end", { system: "You are polite.", history });
  expect(reply.text).toBe(stage.echo());
  const { sent } = await stage.ended();
  expect(sent[0]?.system).toBe("You are polite.");
  expect(sent[0]?.turns.map(({ role, text }) => [role, text])).toEqual([
    ["user", "Good morning."],
    ["assistant", "Good morning to you."],
    ["user", "How are you?"],
    ["assistant", "Well, thank you."],
    ["user", stage.text],
  ]);
};
