import { describe, expect, test } from "vitest";
import { CAPABILITIES, may, ROLES } from "../../../dashboard/pages/members/capabilities.ts";
import {
  ADMIN_KEY_PERMISSIONS,
  type AdminPermission,
  ROLE_PERMISSIONS,
  ROUTE_PERMISSIONS,
} from "../../../worker/api/admin/permissions.ts";
import * as role from "../../../worker/canonical/role.ts";
import { checkRank } from "../../../worker/organizations/member-changes.ts";

/** The table of roles on the Members page says what the API does. */

const NAMES = Object.keys(CAPABILITIES) as (keyof typeof CAPABILITIES)[];
const permissionsOf = (name: keyof typeof CAPABILITIES): readonly AdminPermission[] => CAPABILITIES[name].permissions;
const told = NAMES.flatMap(permissionsOf);

describe("what the Members page says of roles", () => {
  test("is of the API's roles, in their order", () => {
    expect(ROLES).toEqual(role.ROLES);
  });

  test("names each permission once: of roles, of keys and of routes", () => {
    const known = new Set([
      ...Object.values(ROLE_PERMISSIONS).flatMap((all) => [...all]),
      ...ADMIN_KEY_PERMISSIONS,
      ...Object.values(ROUTE_PERMISSIONS),
    ]);
    expect([...told].sort()).toEqual([...known].sort());
  });

  test.each(NAMES.flatMap((name) => ROLES.map((one) => [one, name] as const)))("%s: %s", (one, name) => {
    for (const permission of permissionsOf(name))
      expect([permission, ROLE_PERMISSIONS[one].has(permission)]).toEqual([permission, may(one, name)]);
  });

  test.each(ROLES)("%s: whether they make owners", (one) => {
    const make = () => checkRank({ id: "usr_a", rootId: "org_a", organizationId: "org_a", role: one }, "owner");
    if (may(one, "owners")) expect(make).not.toThrow();
    else expect(make).toThrow();
  });
});
