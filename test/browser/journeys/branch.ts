import type { Locator } from "playwright-core";
import { expect, inject } from "vitest";
import { createDatabase } from "../../../drizzle/client.ts";
import type { Ready } from "../../../local/stack/ready.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { getJson } from "../../support/stack.ts";
import { usageEvent } from "../../support/usage-event.ts";
import type { Walk } from "./walk.ts";

/** What the management API answers to the stack's admin key. Throws what it refuses with. */
export async function admin<T>({ router, adminKey }: Ready, path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
  if (body === undefined) return getJson<T>(router, path, headers);
  const response = await fetch(router + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (response.status !== 201 && response.status !== 200)
    throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** An organization that only one walk knows, so that its figures are of that walk's requests alone. */
export interface Branch {
  id: string;
  name: string;
  /** Makes a key of it. */
  key(name: string): Promise<{ id: string; key: string }>;
  /** Writes down requests of any time as if the router had sent them; what `changes` do not say is as `usageEvent` has it. */
  record(events: readonly Partial<UsageEvent>[]): Promise<void>;
}

/** Makes it, below the stack's first organization. */
export async function ownBranch(walk: Walk, of: string): Promise<Branch> {
  const { ready } = walk;
  const name = walk.name(of);
  const { id, parent_id: rootId } = await admin<{ id: string; parent_id: string }>(ready, "/api/organizations", {
    name,
  });
  return {
    id,
    name,
    key: (keyName) => admin(ready, "/api/keys", { name: keyName, organization_id: id }),
    async record(events) {
      await recordEvents(
        createDatabase(inject("database")),
        rootId,
        events.map((changes) => usageEvent({ rootId, organizationId: id, ...changes })),
      );
    },
  };
}

const UNITS: Record<string, number> = { "": 1, "%": 0.01, pt: 0.01, ms: 1, s: 1000, K: 1e3, M: 1e6 };

/** A figure is written as it is, to the last digit that is written: `$1.24`, `12.35K`, `4.02 s`, `+12.4%`; a rate is 1 at 100 %. */
export function expectWritten(text: string, value: number): void {
  const [, sign, digits = "", unit = ""] = /([−-]?)\$?([\d,.]+) ?([A-Za-z%]*)/.exec(text) ?? [];
  const written = digits.replaceAll(",", "");
  const decimals = written.split(".")[1]?.length ?? 0;
  const scaled = Math.abs(value) / (UNITS[unit] ?? Number.NaN);
  expect(`${sign ? "−" : ""}${written}`, text).toBe(`${value < 0 ? "−" : ""}${scaled.toFixed(decimals)}`);
}

/** The cell of a row under a column's head. */
export async function cellUnder(table: Locator, row: Locator, column: string): Promise<Locator> {
  await row.first().waitFor();
  const heads = await table.locator("thead th").allTextContents();
  return row.locator(`:scope > :nth-child(${heads.indexOf(column) + 1})`);
}
