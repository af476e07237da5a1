import { afterEach, beforeAll, beforeEach, vi } from "vitest";
import { createApp } from "../../../worker/api/app.ts";
import { createApiKey } from "../../../worker/auth/api-key.ts";
import type { RefusedRequest } from "../../../worker/canonical/refused-request.ts";
import type { Principal, RouteRecord } from "../../../worker/canonical/tenant.ts";
import { parseEnvironment } from "../../../worker/env.ts";
import type { LedgerNamespace } from "../../../worker/ledger/client.ts";
import type { AdmitAnswer, AdmitRequest, Admitted, Cooling, Settlement } from "../../../worker/ledger/contract.ts";
import type { ShardNamespace } from "../../../worker/ledger/shard-client.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { createServices } from "../../../worker/services.ts";

/** A request's walk against a Ledger that says what a test wants, and a provider that notes what it gets. */

const SECRET = "a-secret-for-tests-of-at-least-32-characters";
export const ROOT = "org_root0000";

export type Answer = Partial<Admitted> | Exclude<AdmitAnswer, Admitted>;

export interface Sent {
  url: string;
  body: Record<string, never>;
  headers: Headers;
  signal: AbortSignal;
}

export class World {
  readonly asked: AdmitRequest[] = [];
  readonly settled: Settlement[] = [];
  readonly sent: Sent[] = [];
  readonly lines: Record<string, unknown>[] = [];
  /** What was written to the log of refused requests. */
  readonly refused: RefusedRequest[] = [];
  /** What the Ledger answers, in turn; then yes. */
  answers: Answer[] = [];
  limited = true;
  routed = false;
  permissions: Principal["permissions"] = ["read", "write"];
  restricted = false;
  /** All routes, where the Ledger is asked for them. */
  routes: RouteRecord[] = [];
  readonly cooled: Cooling[] = [];
  /** While the Ledger is asked. */
  meanwhile = (): void => {};
  /** What a provider answers. */
  provider: (sent: Sent) => Promise<Response> = async () => Response.json(CHAT_ANSWER);
  readonly #waiting: Promise<unknown>[] = [];
  readonly #app: ReturnType<typeof createApp>;
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
    const ledger = {
      admit: async (request: AdmitRequest): Promise<AdmitAnswer> => {
        this.asked.push(structuredClone(request));
        this.meanwhile();
        const answer = this.answers.shift() ?? {};
        await new Promise((resolve) => setTimeout(resolve, 5));
        if ("code" in answer) return answer;
        const principal: Principal = {
          ...{ keyId: request.keyId, rootId: ROOT, organizationId: ROOT },
          ...{ permissions: this.permissions, strict: false, limited: this.limited, routed: this.routed },
          restricted: this.restricted,
        };
        const usual = { handle: 1, principal, outputCap: null, lowered: false, rates: [], exceeded: [] };
        return { ok: true, ...usual, ...answer };
      },
      settle: async (settlements: Settlement[]) => {
        this.settled.push(...settlements);
        return settlements.map(() => "settled");
      },
      touch: async () => {},
      cool: async (cooling: Cooling[]) => void this.cooled.push(...cooling),
      routes: async () => ({ ok: true, principal: {}, routes: this.routes }),
    };
    const namespace = { idFromName: () => "id", get: () => ledger } as unknown as LedgerNamespace;
    const bindings = {
      ...{ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", KEY_PEPPER: SECRET, MASTER_KEY: SECRET },
      ...{ SESSION_SECRET: SECRET, SIMULATOR_URL: "http://simulator.test", UPSTREAM_HEADERS_TIMEOUT_MS: "200" },
    };
    const shard = { admit: async () => ({ ok: false, code: "elsewhere" }), prepare: async () => {} };
    const shards = { idFromName: () => "id", get: () => shard } as unknown as ShardNamespace;
    const services = createServices(parseEnvironment(bindings), namespace, shards);
    const refusals = { add: async (_rootId: string, refused: RefusedRequest) => void this.refused.push(refused) };
    this.#app = createApp({ ...services, refusals });
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      const sent: Sent = {
        ...{ url, body: JSON.parse(String(init.body)), headers: new Headers(init.headers) },
        signal: init.signal as AbortSignal,
      };
      this.sent.push(sent);
      return this.provider(sent);
    });
    vi.spyOn(console, "log").mockImplementation((line: string) => void this.lines.push(JSON.parse(line)));
    vi.spyOn(console, "warn").mockImplementation((line: string) => void this.lines.push(JSON.parse(line)));
    vi.spyOn(console, "error").mockImplementation((line: string) => void this.lines.push(JSON.parse(line)));
  }

  async post(
    path: string,
    body: object,
    headers: Record<string, string> = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> {
    const init = {
      signal,
      method: "POST",
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    };
    const context = { waitUntil: (promise: Promise<unknown>) => void this.#waiting.push(promise) };
    const response = await this.#app.request(path, init, {}, context as never);
    await Promise.all(this.#waiting);
    return response;
  }

  chat(model: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> {
    const messages = [{ role: "user", content: "hi" }];
    return this.post("/v1/chat/completions", { model, messages, ...more }, headers);
  }
}

export const CHAT_ANSWER = {
  id: "c",
  model: "gpt-4.1",
  choices: [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
};
export const CLAUDE_ANSWER = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-haiku-4-5",
  content: [{ type: "text", text: "yes" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1000, output_tokens: 100 },
};

/** A key of the root, under the pepper of the world. */
async function makeKey(): Promise<string> {
  const peppers = { current: "1", secrets: { 1: SECRET } };
  return (await createApiKey({ rootId: ROOT, jurisdiction: "global", peppers, random: secureRandom })).key;
}

/** Gives each test of a file a world of its own, and takes back what the test has put in place of globals. */
export function eachTest(begin: (fresh: World) => void): void {
  let key: string;
  beforeAll(async () => {
    key = await makeKey();
  });
  beforeEach(() => begin(new World(key)));
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}
