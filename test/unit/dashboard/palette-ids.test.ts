import { describe, expect, it } from "vitest";
import { holdsSecret, placeOfId } from "../../../dashboard/shell/palette-ids.ts";

const ULID = "01M8C09NN88EGFY469TASPQD1K";

describe("what somebody pasted", () => {
  it.each([
    ["as it is", ULID],
    ["in small letters", ULID.toLowerCase()],
    ["with what stands around it", `  "${ULID}",`],
    ["of an answer in each format", `chatcmpl-${ULID}`],
    ["of an answer in each format", `resp_${ULID}`],
    ["of an answer in each format", `msg_${ULID}_0`],
    ["as a header", `x-request-id: ${ULID}`],
    ["as a failure's facts", `401 · missing_api_key · ${ULID}`],
    ["as an address", `https://gaia.example/logs?from=-7d&id=${ULID}`],
  ])("leads to a request: %s", (_, text) => {
    expect(placeOfId(text)).toEqual({ kind: "request", id: ULID, path: `/logs?id=${ULID}` });
  });

  it.each([
    ["key_0123456789ab", "key", "/keys?state=any&id=key_0123456789ab"],
    [" org_4k2m9x0a ", "organization", "/orgs?id=org_4k2m9x0a"],
    ["usr_0123456789ab", "member", "/members?id=usr_0123456789ab"],
    ["rte_0123456789ab", "route", "/routes?id=rte_0123456789ab"],
    ["lim_0123456789ab", "limit", "/budgets?id=lim_0123456789ab"],
  ])("leads to a record: %s", (text, kind, path) => {
    expect(placeOfId(text)).toEqual({ kind, id: text.trim(), path });
  });

  it.each([
    ["a word", "usage"],
    ["an id that is too short", "key_01234"],
    ["a ULID with a letter too many", `${ULID}X`],
    ["what is no ULID", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
    ["nothing", ""],
  ])("leads nowhere: %s", (_, text) => {
    expect(placeOfId(text)).toBeNull();
  });

  it("is a whole key, or its name or hint only", () => {
    expect(holdsSecret("sk-gaia-1gnf95u5bt_kjswyzvom7do_NzEQqafRXzd4rkrP")).toBe(true);
    expect(holdsSecret("sk-gaia-1gnf…aLo0")).toBe(false);
    expect(holdsSecret("nightly")).toBe(false);
  });
});
