import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { t } from "../../text/text.ts";
import type { Member } from "./member-drawer.tsx";

type Roles = Member["roles"];
export type Place = Pick<Roles[number], "organization_id" | "organization_name">;

/** A change of somebody's roles that was refused, since they were others by then. */
export interface RoleConflict {
  place: Place;
  /** Null: none any more. */
  wanted: Roles[number]["role"] | null;
  /** Shows again what was chosen before. */
  undo: () => void;
  /** As they were read before. */
  seen: Roles;
  /** As they are, with their version. */
  now: { body: Member; tag: string | null };
}

/** The roles as they would be by this change of what was read, beside those that somebody else has given meanwhile. */
function versionsOf({ place, wanted, seen, now }: RoleConflict) {
  const places = new Map(
    [...seen, ...now.body.roles, place].map((one) => [one.organization_id, one.organization_name]),
  );
  const roleAt = (roles: Roles, id: string) => roles.find((one) => one.organization_id === id)?.role;
  const words = (role: Roles[number]["role"] | null | undefined) => (role ? t(`members.role.${role}`) : null);
  return [...places].map(([id, organization]) => ({
    name: t("members.roleAt", { organization }),
    yours: words(id === place.organization_id ? wanted : roleAt(seen, id)),
    theirs: words(roleAt(now.body.roles, id)),
  }));
}

/** Two people have changed one member's roles: both versions, side by side. Overwriting changes what was meant, and nothing else. */
export function RolesChanged(props: {
  conflict: RoleConflict | null;
  onTake: (conflict: RoleConflict) => void;
  onOverwrite: (conflict: RoleConflict) => void;
}) {
  const take = () => props.conflict && props.onTake(props.conflict);
  return (
    <ChangedMeanwhile
      open={props.conflict !== null}
      fields={props.conflict ? versionsOf(props.conflict) : []}
      // Nothing is written in a form here that closing would keep.
      onClose={take}
      onTake={take}
      onOverwrite={() => props.conflict && props.onOverwrite(props.conflict)}
    />
  );
}
