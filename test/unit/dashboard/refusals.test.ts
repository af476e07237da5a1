import { expect, test } from "vitest";
import { boundsOf, refusalOf } from "../../../dashboard/pages/start/refusals.ts";
import { type ErrorCode, GatewayError } from "../../../worker/errors.ts";

const KEY = { status: "active", permissions: ["read", "write"], organization_archived: false } as const;

test.each<[string, Partial<Parameters<typeof refusalOf>[0]>, ErrorCode | null]>([
  ["in force", {}, null],
  ["disabled", { status: "disabled" }, "key_disabled"],
  ["expired", { status: "expired" }, "key_expired"],
  ["revoked", { status: "revoked" }, "invalid_api_key"],
  ["that may only read", { permissions: ["read"] }, "permission_denied"],
  ["of an archived organization", { organization_archived: true }, "organization_archived"],
])("a key %s", (_, differs, code) => {
  const refusal = refusalOf({ ...KEY, permissions: [...KEY.permissions], ...differs });
  expect(refusal).toEqual(code && { status: new GatewayError(code, "").status, code });
});

test("a key is bound by what it lists", () => {
  expect(boundsOf({ models: null, ip_ranges: null, origins: null })).toEqual([]);
  expect(boundsOf({ models: ["fast"], ip_ranges: null, origins: ["https://a.example"] })).toEqual([
    { name: "models", values: ["fast"] },
    { name: "origins", values: ["https://a.example"] },
  ]);
});
