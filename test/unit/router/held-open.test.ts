import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type HoldOptions, heldOpen } from "../../../worker/router/held-open.ts";

beforeAll(() => {
  // Only workerd has it; what matters of it here is that it passes bytes on. test/worker/relay/held-open.test.ts is over workerd's.
  vi.stubGlobal("IdentityTransformStream", TransformStream);
});
afterAll(() => vi.unstubAllGlobals());
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bytes = (text: string) => new TextEncoder().encode(text);

interface Client extends HoldOptions {
  leaves: AbortController;
  left: number;
  waiting: Promise<unknown>[];
}

function client(): Client {
  const leaves = new AbortController();
  const made: Client = {
    ...{ after: 25_000, every: 15_000, headers: new Headers({ "x-a": "b" }), leaves, left: 0, waiting: [] },
    keepAlive: () => bytes("alive;"),
    failure: (error) => bytes(`failed: ${(error as Error).message};`),
    refusal: async (response) => bytes(`refused: ${response.status} ${await response.text()};`),
    clientGone: leaves.signal,
    onClientGone: () => {
      made.left++;
    },
    waitUntil: (promise) => void made.waiting.push(promise),
  };
  return made;
}

/** An answer that comes, or fails, after so many milliseconds. */
const comes = (milliseconds: number, answer: Response | Error) =>
  new Promise<Response>((resolve, reject) => {
    setTimeout(() => (answer instanceof Error ? reject(answer) : resolve(answer)), milliseconds);
  });

describe("in time", () => {
  test.each([0, 24_999])("the answer after %d ms is the answer itself", async (milliseconds) => {
    const answer = new Response("no", { status: 429 });
    const held = heldOpen(comes(milliseconds, answer), client());
    await vi.advanceTimersByTimeAsync(25_000);
    expect(await held).toBe(answer);
  });

  test("a failure is thrown as it is", async () => {
    const error = new Error("no");
    const held = heldOpen(comes(24_999, error), client());
    held.catch(() => {});
    await vi.advanceTimersByTimeAsync(25_000);
    await expect(held).rejects.toBe(error);
  });
});

test.each<[what: string, milliseconds: number, answer: Response | Error, told: string]>([
  ["an answer", 26_000, new Response("body;"), "alive;body;"],
  ["an answer after a minute", 60_000, new Response("body;"), "alive;alive;alive;body;"],
  ["an answer without a body", 41_000, new Response(null), "alive;alive;"],
  ["a refusal", 26_000, new Response("no", { status: 429 }), "alive;refused: 429 no;"],
  ["a failure", 41_000, new Error("no"), "alive;alive;failed: no;"],
])("late: %s", async (_what, milliseconds, answer, expected) => {
  const held = client();
  const opening = heldOpen(comes(milliseconds, answer), held);
  await vi.advanceTimersByTimeAsync(25_000);
  const response = await opening;
  expect([response.status, response.headers.get("x-a")]).toEqual([200, "b"]);
  const text = response.text();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await text).toBe(expected);
  await Promise.all(held.waiting);
  expect(held.left).toBe(0);
});

test("a refusal that cannot be read is told as a failure", async () => {
  const held = client();
  held.refusal = async () => {
    throw new Error("unreadable");
  };
  const opening = heldOpen(comes(26_000, new Response("no", { status: 500 })), held);
  await vi.advanceTimersByTimeAsync(25_000);
  const text = (await opening).text();
  await vi.advanceTimersByTimeAsync(5000);
  expect(await text).toBe("alive;failed: unreadable;");
});

describe("the client leaves while it is held", () => {
  test.each([
    ["and an answer comes after all", "answer"],
    ["and none does", "failure"],
  ])("it is told at once, %s", async (_what, end) => {
    let cancelled = false;
    const body = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    const held = client();
    const opening = heldOpen(comes(90_000, end === "answer" ? new Response(body) : new Error("no")), held);
    await vi.advanceTimersByTimeAsync(25_000);
    const reader = (await opening).body?.getReader();
    reader?.closed.catch(() => {});
    await vi.advanceTimersByTimeAsync(1000);
    expect(held.left).toBe(0);
    held.leaves.abort();
    // In the listener itself: code behind an await may never run.
    expect(held.left).toBe(1);
    await vi.advanceTimersByTimeAsync(90_000);
    await Promise.all(held.waiting);
    expect(held.left).toBe(1);
    // Nobody takes the answer: its stream is let go.
    expect(cancelled).toBe(end === "answer");
  });

  test("without a signal, so that nothing can be written any more", async () => {
    const held = client();
    const opening = heldOpen(comes(90_000, new Error("no")), held);
    await vi.advanceTimersByTimeAsync(25_000);
    const reader = (await opening).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(held.left).toBe(1);
    await vi.advanceTimersByTimeAsync(90_000);
    await Promise.all(held.waiting);
    expect(held.left).toBe(1);
  });

  test("before its headers went out", async () => {
    const held = client();
    const opening = heldOpen(comes(90_000, new Error("no")), held);
    held.leaves.abort();
    await vi.advanceTimersByTimeAsync(25_000);
    await opening;
    expect(held.left).toBe(1);
    await vi.advanceTimersByTimeAsync(90_000);
    await Promise.all(held.waiting);
  });

  test("in the middle of its answer, which sees it by itself", async () => {
    let cancelled = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(bytes("body;")),
      cancel() {
        cancelled = true;
      },
    });
    const held = client();
    const opening = heldOpen(comes(26_000, new Response(body)), held);
    await vi.advanceTimersByTimeAsync(25_000);
    const reader = (await opening).body?.getReader();
    await reader?.read();
    await vi.advanceTimersByTimeAsync(1000);
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("body;");
    await reader?.cancel();
    await vi.advanceTimersByTimeAsync(0);
    expect([cancelled, held.left]).toEqual([true, 0]);
    await Promise.all(held.waiting);
  });
});
