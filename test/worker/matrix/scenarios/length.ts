import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

/** In tokens; the least that every vendor takes. A token of the simulator's is four bytes. */
const CAP = 16;

export const length: Scenario = async (stage) => {
  const reply = await stage.ask("length", { cap: CAP });
  expect(reply.text).toBe(stage.echo().slice(0, CAP * 4));
  const { sent } = await stage.ended();
  expect(sent[0]?.cap).toBe(CAP);
};
