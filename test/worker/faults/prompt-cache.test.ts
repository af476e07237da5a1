import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { AGENTS, type AgentId } from "./agents.ts";
import { putRoute } from "./put-route.ts";

/**
 * Conversations over two credentials of a provider, each an account with a prompt cache of its own: whoever goes back and
 * forth between them pays for a prompt twice.
 */

const MODELS: Record<AgentId, string> = {
  chat: "openai/gpt-4.1",
  responses: "openai/gpt-6.1-sol",
  messages: "anthropic/claude-haiku-4-5",
};
const TURNS = 50;
/** Turns after which the gateway forgets what its isolates know, and what its Ledgers do. */
const WARM = 17;
const COLD = 34;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

interface ConversationOptions {
  streamed: boolean;
  marker: string;
  model: string;
  /** It asks the provider itself, by an account of its own. */
  direct?: boolean;
  headers?: Record<string, string>;
}

/** A conversation, and the ids of its requests. */
function conversation(kind: AgentId, { streamed, marker, model, direct = false, headers = {} }: ConversationOptions) {
  const seen: string[] = [];
  const { url, simulator, apiKey } = gateway;
  const options = {
    ...{ apiKey: direct ? "simulated-direct" : apiKey, maxRetries: 0, defaultHeaders: headers },
    async fetch(address: string | URL | Request, init?: RequestInit) {
      const response = await fetch(address, init);
      seen.push(response.headers.get("x-request-id") ?? "");
      return response;
    },
  };
  const sdks = {
    openai: new OpenAI({ ...options, baseURL: direct ? `${simulator.url}/openai/v1` : `${url}/v1` }),
    anthropic: new Anthropic({ ...options, baseURL: direct ? `${simulator.url}/anthropic` : url }),
  };
  return { kind, marker, seen, agent: AGENTS[kind]({ sdks, model, streamed, marker }) };
}

type Conversation = ReturnType<typeof conversation>;

const play = (all: readonly Conversation[], turns: number) =>
  Promise.all(
    all.map(async ({ agent }) => {
      for (let turn = 0; turn < turns; turn += 1) await agent.turn();
    }),
  );

/** A conversation's requests in the books of one account. */
async function books({ marker }: Pick<Conversation, "marker">, model: string, account: string): Promise<BookEntry[]> {
  const query = new URLSearchParams({ model, account, contains: `${marker}:`, limit: "100" });
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests?${query}`);
  return ((await response.json()) as { data: BookEntry[] }).data;
}

/** Which part of a conversation's prompts was read from a cache, by the gateway's rows, once all are in Postgres. */
async function cacheShare({ seen }: Conversation): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const [row] = await gateway.database.sql`
      select count(*) as rows, count(*) filter (where outcome = 'ok' and exact and attempts = 1) as good,
        sum(cache_read) as cached, sum(input_uncached + cache_read + cache_write) as input
      from usage_events where event_id = any(${seen})`;
    if (Number(row?.rows) >= seen.length) {
      expect([Number(row?.rows), Number(row?.good)]).toEqual([seen.length, seen.length]);
      return Number(row?.cached) / Number(row?.input);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the rows do not come");
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** The same by the provider's books. */
function bookedShare(entries: readonly BookEntry[]): number {
  const tokens = entries.flatMap((entry) => (entry.tokens === null ? [] : [entry.tokens]));
  const input = tokens.map(({ inputUncached, cacheRead, cacheWrite }) => inputUncached + cacheRead + cacheWrite);
  return sum(tokens.map(({ cacheRead }) => cacheRead)) / sum(input);
}

const KINDS = Object.keys(AGENTS) as AgentId[];
const upstream = (kind: AgentId): string => MODELS[kind].slice(MODELS[kind].indexOf("/") + 1);

const twoAccounts = (name: string, model: string) =>
  putRoute(gateway, {
    ...{ name, strategy: "weighted" as const },
    targets: [
      { model, credential: "a" },
      { model, credential: "b" },
    ],
  });

/** How many of a conversation's requests each account has answered. */
async function answeredBy(one: Pick<Conversation, "marker">, model: string): Promise<Record<"a" | "b", number>> {
  const [a, b] = await Promise.all([books(one, model, "a"), books(one, model, "b")]);
  const answers = (entries: readonly BookEntry[]) => entries.filter(({ status }) => status === 200).length;
  return { a: answers(a), b: answers(b) };
}

/** Streamed and whole ones of every kind; the names are such that each kind's begin at both accounts. */
const side = (direct: boolean): Conversation[] =>
  KINDS.flatMap((kind) =>
    ["Ada", "Dan", "Eve"].map((name, number) => {
      const [marker, model] = [`${name}-of-${kind}`, direct ? upstream(kind) : `cached-${kind}`];
      return conversation(kind, { streamed: number % 2 === 0, marker, model, direct });
    }),
  );

test("each stays with its account, and with the prompt cache there, through restarts", async () => {
  for (const kind of KINDS) await twoAccounts(`cached-${kind}`, MODELS[kind]);
  const [routed, direct] = [side(false), side(true)];
  await play(routed, WARM);
  // What is on its way when a machine dies is another matter.
  await Promise.all(routed.map(cacheShare));
  await gateway.restart({ cold: false });
  await play(routed, COLD - WARM);
  await Promise.all(routed.map(cacheShare));
  await gateway.restart({ cold: true });
  await play(routed, TURNS - COLD);
  await play(direct, TURNS);

  const used: string[] = [];
  for (const [index, { kind, marker }] of routed.entries()) {
    const { a, b } = await answeredBy({ marker }, upstream(kind));
    expect([a, b].sort(), marker).toEqual([0, TURNS]);
    used.push(`${kind} ${a > 0 ? "a" : "b"}`);
    const alone = await books({ marker }, upstream(kind), "direct");
    expect(alone).toHaveLength(TURNS);
    const share = await cacheShare(routed[index] as Conversation);
    expect(Math.abs(share - bookedShare(alone)), marker).toBeLessThanOrEqual(0.01);
    // Where nothing is cached nothing can be lost.
    expect(share).toBeGreaterThan(0.9);
  }
  expect([...new Set(used)].sort()).toEqual(KINDS.flatMap((kind) => [`${kind} a`, `${kind} b`]).sort());
});

/** A conversation whose first turn is answered by account a: there is one, for their accounts depend on how they begin. */
async function startedAtA(kind: AgentId, model: string, target: string): Promise<Conversation> {
  for (let number = 0; number < 50; number += 1) {
    const one = conversation(kind, { streamed: number % 2 === 0, marker: `try-${number}-of-${model}`, model });
    await play([one], 1);
    if ((await answeredBy(one, target)).a === 1) return one;
  }
  throw new Error("none begins at account a");
}

const COOLING_SECONDS = 2;

test.concurrent.each(KINDS)("%s: while its account wants to be left alone the other one answers", async (kind) => {
  const name = `cooling-${kind}`;
  const fault = `+every-4+account-a+status-429+retry-after-${COOLING_SECONDS}`;
  const target = upstream(kind) + fault;
  await twoAccounts(name, MODELS[kind] + fault);
  const one = await startedAtA(kind, name, target);
  // What it is asked fourth is refused there, and nobody hears of it.
  await play([one], 3);
  expect(await answeredBy(one, target)).toEqual({ a: 3, b: 1 });
  while ((await answeredBy(one, target)).a === 3) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await play([one], 1);
  }
  expect((await answeredBy(one, target)).b).toBeGreaterThan(1);
  const [refused, again] = (await books(one, target, "a")).reverse().slice(3);
  expect(refused?.status).toBe(429);
  expect((again?.startedAt ?? 0) - (refused?.startedAt ?? 0)).toBeGreaterThanOrEqual(COOLING_SECONDS * 1000);
});

test("a session's name keeps its turns together, even where the agent tells its history anew", async () => {
  const name = "compacting";
  await twoAccounts(name, `${MODELS.chat}+no-tools`);
  const target = `${upstream("chat")}+no-tools`;
  const asks = (session: string, headers: Record<string, string>) =>
    ["first", "second", "third", "fourth", "fifth"].map((turn) =>
      conversation("chat", { streamed: false, marker: `${turn}-of-${session}`, model: name, headers }),
    );
  const sessions = ["Dora", "Emil", "Fritz", "Gerda"];
  await play(
    [...sessions.flatMap((session) => asks(session, { "x-gaia-session": session })), ...asks("nobody", {})],
    1,
  );
  const asked = await Promise.all(sessions.map((session) => answeredBy({ marker: session }, target)));
  for (const { a, b } of asked) expect([a, b].sort()).toEqual([0, 5]);
  expect(new Set(asked.map(({ a }) => a))).toEqual(new Set([0, 5]));
  // Without it each is a conversation of its own.
  const { a, b } = await answeredBy({ marker: "nobody" }, target);
  expect([a + b, a > 0, b > 0]).toEqual([5, true, true]);
});
