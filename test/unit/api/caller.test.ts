import { describe, expect, test } from "vitest";
import { readCaller } from "../../../worker/api/inference/caller.ts";
import type { RequestFacts } from "../../../worker/dialects/dialect.ts";

const FACTS: RequestFacts = {
  stream: false,
  wantsUsage: true,
  outputCap: null,
  candidates: 1,
  media: false,
  endUser: null,
  session: null,
  toolsWithReasoning: false,
};
const hash = async (text: string) => `${text.length}`.padEnd(64, "0");
const caller = (headers: Record<string, string>, facts: Partial<RequestFacts> = {}) =>
  readCaller(new Headers(headers), { ...FACTS, ...facts }, hash);

const TAGS: [header: string | null, tags: Record<string, string>][] = [
  [null, {}],
  ["", {}],
  ["  ", {}],
  ["team=search", { team: "search" }],
  [" team = search , stage=prod ", { team: "search", stage: "prod" }],
  ["a=", { a: "" }],
  ["a=b=c", { a: "b=c" }],
  ["a=1,a=2", { a: "2" }],
  [`${"k".repeat(32)}=${"v".repeat(64)}`, { ["k".repeat(32)]: "v".repeat(64) }],
  [
    Array.from({ length: 10 }, (_, index) => `t${index}=1`).join(),
    Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`t${index}`, "1"])),
  ],
];

const tagsOf = async (header: string | null) => (await caller(header === null ? {} : { "x-gaia-tags": header })).tags;

describe("x-gaia-tags", () => {
  test.each(TAGS)("%j", async (header, tags) => expect(await tagsOf(header)).toEqual(tags));

  test.each([
    ["eleven", `${"a=1,".repeat(10)}b=1`],
    ["no value sign", "team"],
    ["no name", "=search"],
    ["an empty one", "a=1,,b=2"],
    ["a name of 33 characters", `${"k".repeat(33)}=v`],
    ["a value of 65 characters", `k=${"v".repeat(65)}`],
  ])("%s is refused", async (_, header) => {
    await expect(tagsOf(header)).rejects.toMatchObject({ code: "invalid_header", param: "x-gaia-tags" });
  });

  test("__proto__ is a name like any other", async () => {
    const tags = await tagsOf("__proto__=x,constructor=y");
    expect(Object.keys(tags)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype);
  });
});

describe("who a request belongs to", () => {
  test.each([
    ["x-gaia-session", { "x-gaia-session": "s", "x-claude-code-session-id": "c", session_id: "x" }, "s"],
    ["Claude Code's", { "x-claude-code-session-id": "c", session_id: "x" }, "c"],
    ["Codex's", { session_id: "x" }, "x"],
    ["Codex's with a dash", { "session-id": "x" }, "x"],
    ["an empty header says nothing", { "x-gaia-session": "", session_id: "x" }, "x"],
    ["none", {}, null],
  ])("session: %s", async (_, headers, session) => {
    expect((await caller(headers as Record<string, string>)).sessionId).toBe(session);
  });

  test("a session in the body counts where no header names one", async () => {
    expect((await caller({}, { session: "cache-key" })).sessionId).toBe("cache-key");
    expect((await caller({ session_id: "x" }, { session: "cache-key" })).sessionId).toBe("x");
  });

  test.each([
    [{ "x-gaia-agent": "a", "x-claude-code-agent-id": "b" }, "a"],
    [{ "x-claude-code-agent-id": "b" }, "b"],
    [{}, null],
  ])("agent: %j", async (headers, agent) => {
    expect((await caller(headers as Record<string, string>)).agentId).toBe(agent);
  });

  test("the client is the beginning of its user agent", async () => {
    expect((await caller({ "user-agent": `OpenAI/JS ${"7".repeat(100)}` })).client).toHaveLength(80);
    expect((await caller({})).client).toBeNull();
  });

  test.each([
    ["user-7", "user-7"],
    [null, null],
    ["u".repeat(300), "u".repeat(256)],
    ["Some One <someone@example.com>", /^hmac:[0-9a-f]{32}$/],
    ["@handle", "@handle"],
  ])("end user %s", async (endUser, stored) => {
    const found = (await caller({}, { endUser })).endUser;
    if (stored instanceof RegExp) expect(found).toMatch(stored);
    else expect(found).toBe(stored);
  });

  test("long texts are cut, not refused", async () => {
    const long = "s".repeat(1000);
    const found = await caller({ "x-gaia-session": long, "x-gaia-agent": long }, { session: long });
    expect([found.sessionId?.length, found.agentId?.length]).toEqual([256, 256]);
  });
});
