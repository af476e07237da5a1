import type { RouteRecord, RouteTarget } from "../../../worker/canonical/tenant.ts";
import { type Answer, CHAT_ANSWER, CLAUDE_ANSWER, ROOT, type Sent, type World } from "./world.ts";

/** Routes for a world, and providers that fail first. */

export const A = "openai/gpt-4.1";
export const B = "anthropic/claude-haiku-4-5";
export const C = "openai/gpt-4.1-mini";

/** The route `house` of the root; each target is the default credential's. */
export const routeOf = (targets: (string | RouteTarget)[], more: Partial<RouteRecord> = {}): RouteRecord => ({
  ...{ id: "rte_000000000000", organizationId: ROOT, name: "house", strategy: "ordered", version: 1, removed: false },
  targets: targets.map((one) => (typeof one === "string" ? { model: one, credential: null, weight: 1 } : one)),
  timeouts: { headers: null, firstToken: null, idle: null, total: null },
  ...more,
});

const answerOf = ({ url }: Sent) => Response.json(url.includes("anthropic") ? CLAUDE_ANSWER : CHAT_ANSWER);

export type Failure = (sent: Sent) => Response | Promise<Response>;

/** The world's provider answers as usual, but for the first calls of the models named, which get these in turn. */
export function failing(world: World, first: Record<string, Failure[]>): void {
  world.provider = async (sent) => {
    const next = first[String(sent.body.model)]?.shift();
    return next === undefined ? answerOf(sent) : next(sent);
  };
}

export const status =
  (code: number, headers: Record<string, string> = {}): (() => Response) =>
  () =>
    Response.json({ error: { message: "no", type: "server_error", code: null } }, { status: code, headers });

/** Headers that never come: until the call is given up. */
export const silence: Failure = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

/** A limit of the root that has nothing left. */
export const LIMIT_REACHED: Answer = {
  ok: false,
  code: "limit",
  limit: {
    ...{ limitId: "lim_000000000000", nodeId: ROOT, nodeName: "Root", metric: "cost", window: "month", amount: 1 },
    ...{ settled: 1, held: 0, needed: 1, reason: "exhausted", resetsAt: null },
  },
};
