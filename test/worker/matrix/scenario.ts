import type { ToolSpec } from "./client.ts";
import type { Stage } from "./stage.ts";

/** One row of the matrix: plays it, and checks what each side saw. */
export type Scenario = (stage: Stage) => Promise<void>;

/** What the simulator makes of the schema: `example city`. */
const CITY: ToolSpec["schema"] = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};

export const WEATHER: ToolSpec = { name: "weather", description: "Tells the weather.", schema: CITY };
export const TRAFFIC: ToolSpec = { name: "traffic", description: "Tells the traffic.", schema: CITY };
export const CALLED = { city: "example city" };
