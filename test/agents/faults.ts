import { setTimeout as sleep } from "node:timers/promises";
import type { Passage } from "../support/door.ts";
import { listRequests, type RequestRow, type RunningStack } from "../support/stack.ts";

/** Rows are written by the Ledger's next drain. */
const ROW_LIMIT_MS = 15_000;

/** A request's row; undefined when there is none in time. */
async function rowOf(id: string, { ready }: RunningStack): Promise<RequestRow | undefined> {
  const deadline = performance.now() + ROW_LIMIT_MS;
  for (;;) {
    const rows = await listRequests(ready.router, { authorization: `Bearer ${ready.adminKey}` });
    const row = rows.find((one) => one.id === id);
    if (row !== undefined || performance.now() > deadline) return row;
    await sleep(100);
  }
}

/** The gateway's answers that an agent should not have got, and its rows that do not say `ok`. */
export async function faultsOf(passages: Passage[], stack: RunningStack): Promise<string[]> {
  const faults: string[] = [];
  for (const { method, path, status, answer, id } of passages) {
    const place = `${method} ${path.replace(/\?.*/, "")}`;
    if (status === null || status >= 400) faults.push(`${place} was answered ${status}: ${answer.slice(0, 300)}`);
    if (method !== "POST" || status !== 200 || id === null) continue;
    const row = await rowOf(id, stack);
    if (row?.outcome !== "ok") faults.push(`${place}: its row says ${row === undefined ? "nothing" : row.outcome}`);
  }
  return faults;
}

/** What the gateway could not keep, by code and place, each once. */
export const warningsOf = (passages: Passage[]): string[] => [
  ...new Set(
    passages.flatMap(({ warnings }) => (warnings?.split("; ") ?? []).map((one) => one.replace(/\[\d+\]/g, "[]"))),
  ),
];
