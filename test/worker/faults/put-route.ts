import { expect } from "vitest";
import type { Gateway } from "../../support/gateway.ts";

/** A route as `PUT /api/routes` takes it. */
export interface RouteInput {
  name: string;
  strategy: "ordered" | "weighted";
  targets: { model: string; credential?: string; weight?: number }[];
  timeouts?: { headers_ms?: number; first_token_ms?: number; idle_ms?: number; total_ms?: number };
}

export async function putRoute(world: Pick<Gateway, "url" | "adminKey">, route: RouteInput): Promise<void> {
  const response = await fetch(`${world.url}/api/routes`, {
    method: "PUT",
    headers: { authorization: `Bearer ${world.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(route),
  });
  expect(response.ok, await response.text()).toBe(true);
}
