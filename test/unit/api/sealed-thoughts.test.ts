import { beforeEach, describe, expect, test } from "vitest";
import { sealState } from "../../../worker/canonical/envelope.ts";
import type { RouteRecord } from "../../../worker/canonical/tenant.ts";
import { eachTest, ROOT, type Sent, type World } from "./world.ts";

/** Histories with thoughts that another account has sealed, which OpenAI refuses as a whole. */

let world: World;
eachTest((fresh) => {
  world = fresh;
});

const MODEL = "openai/gpt-6.1-sol";

const ROUTE: RouteRecord = {
  ...{ id: "rte_000000000000", organizationId: ROOT, name: "house", strategy: "ordered", version: 1, removed: false },
  targets: ["a", "b"].map((credential) => ({ model: MODEL, credential, weight: 1 })),
  timeouts: { headers: null, firstToken: null, idle: null, total: null },
};

const REFUSAL = {
  message: "The encrypted content for item rs_1 could not be verified.",
  ...{ type: "invalid_request_error", param: null, code: "invalid_encrypted_content" },
};

const ANSWER = {
  ...{ id: "resp_1", object: "response", created_at: 1, status: "completed", model: "gpt-6.1-sol" },
  output: [
    {
      id: "msg_1",
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "yes", annotations: [] }],
    },
  ],
  usage: { input_tokens: 10, output_tokens: 1, total_tokens: 11 },
};

const thought = (sealed: string) => ({ type: "reasoning", id: `rs_${sealed}`, summary: [], encrypted_content: sealed });
const user = (content: string) => ({ role: "user", content });
const call = { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" };
const result = { type: "function_call_output", call_id: "call_1", output: "nothing" };

/** Thoughts in the history of what was sent. */
const sealsIn = ({ body }: Sent): string[] =>
  (body.input as unknown as { encrypted_content?: string }[]).flatMap((item) => item.encrypted_content ?? []);

beforeEach(() => {
  world.routes = [ROUTE];
  // Each account reads what begins with its own name.
  world.provider = async (sent) => {
    const account = sent.headers.get("authorization")?.slice(-1) ?? "";
    const foreign = sealsIn(sent).some((seal) => !seal.startsWith(account));
    return foreign ? Response.json({ error: REFUSAL }, { status: 400 }) : Response.json(ANSWER);
  };
});

const ask = (input: unknown[], headers: Record<string, string> = {}, more: object = {}) =>
  world.post("/v1/responses", { model: "house", input, store: false, ...more }, headers);

describe("a history with thoughts of another account", () => {
  test("goes without the thoughts, and the client is told", async () => {
    const response = await ask([user("hi"), thought("b1"), call, result]);
    expect(response.status).toBe(200);
    expect(world.sent.map(sealsIn)).toEqual([["b1"], []]);
    expect(world.sent[1]?.body).toEqual({ ...world.sent[0]?.body, input: [user("hi"), call, result] });
    expect(response.headers.get("x-gaia-warnings")).toBe("reasoning_state_dropped@input[1]");
    expect(response.headers.get("x-gaia-attempts")).toBe("2");
    // The account is well, and the one that answers.
    expect(new Set(world.sent.map(({ headers }) => headers.get("authorization")))).toEqual(
      new Set(["Bearer simulated-a"]),
    );
    expect(world.settled).toHaveLength(1);
    expect(world.settled[0]?.result).toMatchObject({ outcome: "ok", attempts: 2, failedCostNano: 0 });
  });

  test("is not refused twice: its next turn goes without them at once, and with its own", async () => {
    const history = [user("hi"), thought("b1"), call, result];
    await ask(history);
    const response = await ask([...history, thought("a1"), user("go on")]);
    expect(response.status).toBe(200);
    expect(world.sent.map(sealsIn)).toEqual([["b1"], [], ["a1"]]);
    expect(response.headers.get("x-gaia-attempts")).toBe("1");
    expect(response.headers.get("x-gaia-warnings")).toBe("reasoning_state_dropped@input[1]");
  });

  test("says nothing of how much the whole of it would be", async () => {
    const history = [user("hi ".repeat(3_000)), thought("b1"), call, result];
    await ask(history);
    await ask([...history, user("go on")]);
    expect(world.asked[1]?.bound.inputTokens).toBeGreaterThan(1_000);
  });

  test("that goes through another client's dialect is no different", async () => {
    const state = {
      owner: "openai" as const,
      where: "thinking" as const,
      model: "gpt-6.1-sol",
      id: "rs_1",
      value: "b1",
    };
    const messages = [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: sealState(state) },
          { type: "tool_use", id: "call_1", name: "look", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "nothing" }] },
    ];
    const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];
    const thinking = { type: "enabled", budget_tokens: 1_024 };
    const body = { model: "house", max_tokens: 2_000, messages, tools, thinking };
    const response = await world.post("/v1/messages", body, { "anthropic-version": "2023-06-01" });
    expect(response.status).toBe(200);
    expect(world.sent.map(sealsIn)).toEqual([["b1"], []]);
    expect(response.headers.get("x-gaia-warnings")).toContain("reasoning_state_dropped");
  });

  test.each([
    ["a strict client is told", { headers: { "x-gaia-strict": "true" } }],
    ["a client that names its target itself is told", { more: { model: MODEL } }],
  ])("%s", async (_, { headers, more }: { headers?: Record<string, string>; more?: object }) => {
    const response = await ask([user("hi"), thought("b1")], headers, more);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_encrypted_content" } });
    expect(world.sent).toHaveLength(1);
  });

  test("what is refused for another reason is sent once, and told as it is", async () => {
    const error = { message: "No.", type: "invalid_request_error", param: "input", code: "invalid_value" };
    world.provider = async () => Response.json({ error }, { status: 400 });
    const response = await ask([user("hi"), thought("a1")]);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining("No.") } });
    expect(world.sent).toHaveLength(1);
  });
});
