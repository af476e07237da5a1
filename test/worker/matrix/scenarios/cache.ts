import { expect } from "vitest";
import { LONG_TEXT } from "../../sdk/visit.ts";
import type { Scenario } from "../scenario.ts";

/** The same long prompt twice: the second time it is read from the vendor's cache, and billed as such. */
export const cache: Scenario = async (stage) => {
  const system = `${stage.visit.marker}. ${LONG_TEXT}`;
  const asked = { system, ...(stage.column.marked ? { mark: true } : {}) };
  for (let time = 0; time < 2; time++) expect((await stage.ask("end", asked)).text).toBe(stage.echo());
  const { sent, books } = await stage.ended();
  expect(sent[1]?.system).toBe(system);
  const read = books[1]?.tokens?.cacheRead ?? 0;
  if (stage.lacks("cache")) expect(read).toBe(0);
  else expect(read).toBeGreaterThan(1024);
};
