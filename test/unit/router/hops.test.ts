import { describe, expect, it } from "vitest";
import { countHop, refuseLoops } from "../../../worker/router/hops.ts";
import type { Target } from "../../../worker/router/resolve.ts";

const target = (vendorsOwn: boolean) =>
  ({ connection: { baseUrl: "https://gateway.example", credential: "k", simulated: false, vendorsOwn } }) as Target;
const given = (hops: string | null) => new Headers(hops === null ? {} : { "x-gaia-hop": hops });

describe("a request that goes round", () => {
  it.each([
    [null, "1"],
    ["0", "1"],
    ["1", "2"],
    ["2", "3"],
    ["two", "1"],
    ["-1", "1"],
    ["1e9", "1"],
  ])("came with %j and goes on with %j where an operator's address could be a gateway", (hops, sent) => {
    const headers = new Headers();
    expect(() => refuseLoops(given(hops))).not.toThrow();
    countHop(headers, given(hops), target(false));
    expect(headers.get("x-gaia-hop")).toBe(sent);
  });

  it("tells a vendor nothing of it", () => {
    const headers = new Headers();
    countHop(headers, given("1"), target(true));
    expect([...headers]).toEqual([]);
  });

  it.each(["3", "4", "999999"])("ends at %s", (hops) => {
    expect(() => refuseLoops(given(hops))).toThrow(expect.objectContaining({ code: "loop_detected", status: 508 }));
  });
});
