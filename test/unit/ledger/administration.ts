import type { ConfigurationChange, LimitRecord, OrganizationRecord } from "../../../worker/canonical/tenant.ts";
import { AMOUNTS, type Edition } from "./commands.ts";
import type { Edit } from "./fake-postgres.ts";
import { same } from "./invariants.ts";
import type { Configuration } from "./plain-ledger.ts";
import { KEYS, lineIn, NODES, ORGANIZATION_IDS, tree } from "./tree.ts";

/** What the administrators of the tenant have done: the configuration as Postgres has it. */
export class Administration {
  version = 1;
  #limits: LimitRecord[] = [];
  readonly #disabled = new Set<string>();
  readonly #archived = new Set<string>();
  #organizations = tree().organizations;
  #made = 0;

  /** The records as the command wants them; null: there is nothing it could change. */
  edit(command: Edition, now: number): Edit | null {
    const [limits, disabled, archived] = [this.#limits, this.#disabled, this.#archived];
    const limit = "nth" in command ? limits[command.nth % Math.max(1, limits.length)] : undefined;
    switch (command.do) {
      case "change key": {
        const id = KEYS[command.key] as string;
        if (!disabled.delete(id)) disabled.add(id);
        return {
          keys: tree()
            .keys.filter((key) => key.id === id)
            .map((key) => ({ ...key, disabled: disabled.has(id) })),
        };
      }
      case "archive": {
        const id = ORGANIZATION_IDS[command.organization] as string;
        if (!archived.delete(id)) archived.add(id);
        const records = this.#organizations.filter((one) => one.id === id);
        return { organizations: records.map((one) => ({ ...one, archived: archived.has(id) })) };
      }
      case "move": {
        const [id, below] = [ORGANIZATION_IDS[command.organization], ORGANIZATION_IDS[command.below]] as [
          string,
          string,
        ];
        const moved = this.#organizations.map((one) => (one.id === id ? { ...one, parentId: below } : one));
        if (KEYS.some((key) => lineIn(moved, key) === null)) return null;
        return { organizations: moved.filter((one) => one.id === id) };
      }
      case "set limit": {
        const nodeId = NODES[command.node] as string;
        const [metric, window, nth] = command.of;
        const known = limits.find((one) => one.nodeId === nodeId && one.metric === metric && one.window === window);
        const id = known?.id ?? `lim_${String(++this.#made).padStart(12, "0")}`;
        const { mode, fallback: percent } = command;
        const fallback = percent === null ? null : { percent, model: "openai/gpt-6-mini" };
        const amount = AMOUNTS[metric][nth] as number;
        const record = { ...{ id, nodeId, metric, window, amount, mode, fallback }, override: null, removed: false };
        return { limits: [{ ...record, thresholds: [50, 80, 100] }] };
      }
      case "change limit": {
        if (limit === undefined) return null;
        if (command.to === null) return { limits: [{ ...limit, removed: true }] };
        return { limits: [{ ...limit, amount: AMOUNTS[limit.metric][command.to] as number }] };
      }
      case "override": {
        if (limit === undefined) return null;
        const override = {
          amount: AMOUNTS[limit.metric][command.to] as number,
          until: now + command.seconds * 1000,
        };
        return { limits: [{ ...limit, override }] };
      }
    }
  }

  /** The edit is in Postgres. */
  committed({ limits: changed = [], organizations = [] }: Edit, version: number): void {
    this.#organizations = this.#organizations.map((one) => organizations.find(({ id }) => id === one.id) ?? one);
    const kept = this.#limits.filter(({ id }) => !changed.some((one) => one.id === id));
    this.#limits = [...kept, ...changed.filter(({ removed }) => !removed)];
    this.version = version;
  }

  /** A copy of the same version is the same. */
  checkCopy({ limits, keys, organizations }: Configuration): void {
    const sorted = (records: readonly { id: string }[]) => [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
    same("the copy's limits", sorted(limits), sorted(this.#limits));
    const places = (records: readonly OrganizationRecord[]) =>
      sorted(records).map(({ id }) => id + parentOf(records, id));
    same("the copy's tree", places(organizations), places(this.#organizations));
    const off = [...keys.filter((key) => key.disabled), ...organizations.filter((one) => one.archived)];
    same(
      "what the copy has disabled",
      sorted(off).map(({ id }) => id),
      [...this.#disabled, ...this.#archived].sort(),
    );
  }
}

const parentOf = (records: readonly OrganizationRecord[], id: string) =>
  ` below ${records.find((one) => one.id === id)?.parentId}`;

/** A configuration with a change's records taken in. */
export function merge(before: Configuration, change: ConfigurationChange): Configuration {
  const taken = <Item extends { id: string }>(known: readonly Item[], changed: readonly Item[]): Item[] => [
    ...known.filter(({ id }) => !changed.some((one) => one.id === id)),
    ...changed,
  ];
  return {
    organizations: taken(before.organizations, change.organizations),
    keys: taken(before.keys, change.keys),
    limits: taken(before.limits, change.limits).filter(({ removed }) => !removed),
  };
}
