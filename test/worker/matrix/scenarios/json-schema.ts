import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

const PLACE = {
  type: "object" as const,
  properties: { city: { type: "string" }, inhabitants: { type: "integer" } },
  required: ["city", "inhabitants"],
  additionalProperties: false,
};

export const jsonSchema: Scenario = async (stage) => {
  const reply = await stage.ask("end", { schema: PLACE });
  expect(JSON.parse(reply.text)).toEqual({ city: "example city", inhabitants: 1 });
  const { sent } = await stage.ended();
  const { type, properties, required } = PLACE;
  expect(sent[0]).toMatchObject({ schema: { type, properties, required }, tools: [] });
};
