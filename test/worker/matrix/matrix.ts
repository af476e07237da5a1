import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import type { Client } from "./client.ts";
import {
  cellKey,
  introduction,
  partsOfPage,
  readPage,
  reasons,
  sectionOf,
  type Verdict,
  writeSection,
} from "./compatibility.ts";
import type { Scenario } from "./scenario.ts";
import { abort } from "./scenarios/abort.ts";
import { cache } from "./scenarios/cache.ts";
import { broken, error } from "./scenarios/errors.ts";
import { filter } from "./scenarios/filter.ts";
import { jsonSchema } from "./scenarios/json-schema.ts";
import { length } from "./scenarios/length.ts";
import { image, pdf } from "./scenarios/media.ts";
import { multiTurn } from "./scenarios/multi-turn.ts";
import { prefill } from "./scenarios/prefill.ts";
import { refusal } from "./scenarios/refusal.ts";
import { stop } from "./scenarios/stop.ts";
import { system } from "./scenarios/system.ts";
import { text } from "./scenarios/text.ts";
import { budget, newer, redacted, stored, switched, thinking } from "./scenarios/thinking.ts";
import { parallelTools, textAndTools, toolLoop } from "./scenarios/tools.ts";
import { Stage } from "./stage.ts";
import { CLIENTS, type ClientRow, COLUMNS, type Limit, limitsOf, SCENARIOS, type ScenarioId } from "./tables.ts";

const PLAYS: Record<ScenarioId, Scenario> = {
  text,
  system,
  "multi-turn": multiTurn,
  "tool-loop": toolLoop,
  "parallel-tools": parallelTools,
  "text-and-tools": textAndTools,
  image,
  pdf,
  "json-schema": jsonSchema,
  thinking,
  newer,
  redacted,
  budget,
  switched,
  stored,
  stop,
  length,
  prefill,
  refusal,
  filter,
  cache,
  "error-400": error(400),
  "error-401": error(401),
  "error-404": error(404),
  "error-429": error(429),
  "error-500": error(500),
  "error-529": error(529),
  broken,
  abort,
};

/** A declared refusal: the SDK throws its class for a 400, with the declared code where the refusal is the gateway's. */
async function refused(stage: Stage, play: Scenario, limit: Limit): Promise<void> {
  let thrown: unknown;
  try {
    await play(stage);
  } catch (error) {
    thrown = error;
  }
  const seen = stage.client.caught(thrown);
  expect(seen, String(thrown)).toMatchObject({ name: stage.client.errorName(400), status: 400 });
  if (limit.refuses === undefined) return;
  expect(seen.code).toBe(limit.refuses);
  expect((seen.headers ?? stage.visit.seen.at(-1)?.headers)?.get("x-should-retry")).toBe("false");
  // Of the turn that is refused the provider hears nothing.
  await stage.books(stage.visit.seen.length - 1);
}

async function playCell(stage: Stage, play: Scenario): Promise<Verdict> {
  const refusing = stage.limits.find((limit) => limit.refuses !== undefined || limit.providerRefuses);
  if (refusing !== undefined) {
    await refused(stage, play, refusing);
    return { refused: refusing.refuses === undefined ? "of the provider" : `\`${refusing.refuses}\`` };
  }
  await play(stage);
  const declared = stage.limits.flatMap(({ warns }) => warns ?? []);
  expect([...stage.warnings].sort().join(", "), "warnings").toBe([...new Set(declared)].sort().join(", "));
  return { warnings: [...stage.warnings].sort() };
}

/** All cells of some clients, side by side, at one gateway. */
export function playMatrix(clients: readonly Client[]): void {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.stop());

  for (const client of clients) {
    const row = CLIENTS.find(({ id }) => id === client.id) as ClientRow;
    describe(row.title, () => {
      const verdicts = new Map<string, Verdict>();
      let cells = 0;
      for (const scenario of Object.keys(SCENARIOS) as ScenarioId[]) {
        for (const column of COLUMNS) {
          for (const stream of [false, true]) {
            if (limitsOf(row.id, column.id, scenario, stream).some(({ absent }) => absent)) continue;
            cells++;
            test.concurrent(`${scenario}, ${column.id}, ${stream ? "stream" : "whole"}`, async () => {
              const stage = new Stage(gateway, client, { row, column, scenario, stream });
              verdicts.set(cellKey(scenario, column.id, stream), await playCell(stage, PLAYS[scenario]));
            });
          }
        }
      }

      test("docs/compatibility.md says the same", ({ skip }) => {
        // A run of chosen cells says nothing about the others; a failed cell has said so itself.
        if (verdicts.size < cells) skip();
        const section = sectionOf(row, verdicts);
        if (process.env.COMPATIBILITY === "write") return writeSection(row, section);
        const parts = partsOfPage(readPage());
        const hint = "written anew by: npm run compatibility";
        for (const part of [introduction(), section, reasons()]) {
          expect(parts.get(part.slice(0, part.indexOf("\n")))?.trim(), hint).toBe(part.trim());
        }
      });
    });
  }
}
