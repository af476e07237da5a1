import { describe, expect, it } from "vitest";
import { type RoleRule, rolesByClaims } from "../../../worker/auth/sign-on.ts";
import type { Role } from "../../../worker/canonical/role.ts";

const rule = (value: string, role: Role, organizationId = "org_root"): RoleRule => ({ value, role, organizationId });

const RULES = [
  rule("readers", "viewer"),
  rule("admins", "admin"),
  rule("team", "member", "org_team"),
  rule("ada@example.com", "owner"),
  rule("@partner.example", "viewer", "org_partner"),
];

const rolesOf = (
  claims: Record<string, unknown>,
  { email = "bob@example.com", emailVerified = true, rules = RULES, rolesClaim = "groups" } = {},
) => {
  const identity = { issuer: "https://id.example", subject: "1", email, emailVerified, name: null, claims };
  return Object.fromEntries(rolesByClaims(identity, { rolesClaim, rules }));
};

describe("roles by claims", () => {
  it.each<[string, Record<string, unknown>, Record<string, Role>]>([
    ["nothing", {}, {}],
    ["a group", { groups: ["readers"] }, { org_root: "viewer" }],
    ["a group that is no list", { groups: "admins" }, { org_root: "admin" }],
    ["the highest of several, in any order", { groups: ["admins", "readers"] }, { org_root: "admin" }],
    ["several organizations", { groups: ["readers", "team"] }, { org_root: "viewer", org_team: "member" }],
    ["groups in another spelling", { groups: ["Admins", "admins "] }, {}],
    ["what is no text", { groups: [1, null, { admins: true }] }, {}],
    ["a claim of another name", { roles: ["admins"] }, {}],
    ["a group that looks like an address", { groups: ["ada@example.com", "@partner.example"] }, {}],
  ])("%s", (_, claims, expected) => {
    expect(rolesOf(claims)).toEqual(expected);
  });

  it("a claim may be inside of others, or have a name with dots", () => {
    const rolesClaim = "realm_access.roles";
    expect(rolesOf({ realm_access: { roles: ["admins"] } }, { rolesClaim })).toEqual({ org_root: "admin" });
    expect(rolesOf({ [rolesClaim]: ["admins"] }, { rolesClaim })).toEqual({ org_root: "admin" });
    expect(rolesOf({ realm_access: "admins" }, { rolesClaim })).toEqual({});
    expect(rolesOf({}, { rolesClaim: "constructor.name" })).toEqual({});
  });

  it("an address and its domain count only when they are verified, and only as a whole", () => {
    expect(rolesOf({}, { email: "ada@example.com" })).toEqual({ org_root: "owner" });
    expect(rolesOf({}, { email: "ada@example.com", emailVerified: false })).toEqual({});
    expect(rolesOf({}, { email: "eve@partner.example" })).toEqual({ org_partner: "viewer" });
    expect(rolesOf({}, { email: "eve@not.partner.example" })).toEqual({});
    expect(rolesOf({}, { email: "@partner.example@evil.example" })).toEqual({});
  });

  it("a star stands for everybody, and no group is called so", () => {
    expect(rolesOf({}, { rules: [rule("*", "viewer")] })).toEqual({ org_root: "viewer" });
    expect(rolesOf({ groups: ["*"] })).toEqual({});
  });
});
