import { describe, expect, it } from "vitest";
import { type Bulk, inLots } from "../../../dashboard/state/bulk.ts";

const ids = (count: number) => Array.from({ length: count }, (_, index) => `key_${index}`);

describe("inLots", () => {
  it("does each once, tells how far it is, and names those that were refused", async () => {
    const [done, progress]: [string[], Bulk[]] = [[], []];
    const ended = await inLots(
      ids(120),
      async (lot) => {
        done.push(...lot);
        return lot.map((id) => ({ id, error: id === "key_77" ? "It is revoked." : null }));
      },
      { onProgress: (bulk) => progress.push(bulk), signal: new AbortController().signal },
    );
    expect(done).toEqual(ids(120));
    expect(progress.map(({ done }) => done)).toEqual([50, 100, 120]);
    expect(ended).toEqual({ done: 120, total: 120, failed: [{ id: "key_77", error: "It is revoked." }] });
  });

  it("goes on after a lot that failed as a whole, and can do that one again", async () => {
    let call = 0;
    const ended = await inLots(
      ids(60),
      async (lot) => {
        call += 1;
        if (call === 1) throw new Error("The gateway does not answer.");
        return lot.map((id) => ({ id, error: null }));
      },
      { onProgress: () => undefined, signal: new AbortController().signal },
    );
    expect(ended.failed.map(({ id }) => id)).toEqual(ids(50));
  });

  it("stops between two lots", async () => {
    const stop = new AbortController();
    const ended = await inLots(
      ids(150),
      async (lot) => {
        stop.abort();
        return lot.map((id) => ({ id, error: null }));
      },
      { onProgress: () => undefined, signal: stop.signal },
    );
    expect(ended.done).toBe(50);
  });
});
