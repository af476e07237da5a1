import type { AccessRule } from "../canonical/model-access.ts";
import type {
  ConfigurationChange,
  KeyRecord,
  LimitRecord,
  ModelRecord,
  OrganizationRecord,
  OrganizationSettings,
  RouteRecord,
  TenantConfiguration,
  TenantPriceRecord,
  WebhookRecord,
} from "../canonical/tenant.ts";
import type { CountedSql } from "./storage.ts";

/** A tree of organizations is at most eight deep; deeper is a cycle. */
const DEEPEST_PATH = 8;

/** The records of a configuration, by kind. */
type Records = Pick<
  TenantConfiguration,
  "organizations" | "keys" | "limits" | "prices" | "webhooks" | "routes" | "models"
>;
type Kind = keyof Records;

/** A kind's name in the stored rows. */
const KINDS: Record<Kind, string> = {
  organizations: "organization",
  keys: "key",
  limits: "limit",
  prices: "price",
  webhooks: "webhook",
  routes: "route",
  models: "model",
};
const kinds = Object.keys(KINDS) as Kind[];

export const CONFIGURATION_TABLES = [
  "CREATE TABLE IF NOT EXISTS tenant (one INTEGER PRIMARY KEY, root_id TEXT NOT NULL, version INTEGER NOT NULL)",
  `CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) WITHOUT ROWID`,
];

type Known = { [K in Kind]: Map<string, Records[K][number]> };

const none = (): Known => ({
  organizations: new Map(),
  keys: new Map(),
  limits: new Map(),
  prices: new Map(),
  webhooks: new Map(),
  routes: new Map(),
  models: new Map(),
});

/** The tenant's configuration: in memory, and in SQLite so that a warm tenant needs no Postgres. */
export class ConfigurationCopy {
  /** Null until a configuration is stored. */
  rootId: string | null = null;
  version: number | null = null;
  readonly #sql: CountedSql;
  #known = none();
  readonly #paths = new Map<string, readonly string[] | null>();
  #limitsOn: Map<string, LimitRecord[]> | null = null;
  /** By organization and name. */
  #routesOf: Map<string, Map<string, RouteRecord>> | null = null;
  #modelsByName: Map<string, ModelRecord> | null = null;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** Reads what is stored; the tables must exist. */
  load(): void {
    const tenants = this.#sql.rows<{ root_id: string; version: number }>("SELECT root_id, version FROM tenant");
    for (const { root_id, version } of tenants) {
      this.rootId = root_id;
      this.version = version;
    }
    for (const { kind, body } of this.#sql.rows<{ kind: string; body: string }>("SELECT kind, body FROM record")) {
      const of = kinds.find((one) => KINDS[one] === kind);
      if (of !== undefined) this.#remember(of, [{ ...(of === "keys" ? KEY_OF_BEFORE : {}), ...JSON.parse(body) }]);
    }
  }

  /** Takes a whole configuration, writing only the records that differ. */
  replace(configuration: TenantConfiguration): void {
    this.#sql.transaction(() => {
      for (const kind of kinds) {
        this.#drop(kind, recordsOf(configuration, kind));
        this.#store(kind, recordsOf(configuration, kind));
      }
      this.#storeVersion(configuration.rootId, configuration.version);
    });
    this.#known = none();
    this.#take(configuration);
    this.rootId = configuration.rootId;
    this.version = configuration.version;
  }

  /** Takes the changed records; `version` is null when the versions in between are still missing. */
  apply(change: ConfigurationChange, version: number | null): void {
    const rootId = this.rootId;
    if (rootId === null) throw new Error("a change cannot be applied before the configuration is loaded");
    this.#sql.transaction(() => {
      for (const kind of kinds) this.#store(kind, recordsOf(change, kind));
      if (version !== null) this.#storeVersion(rootId, version);
    });
    this.#take(change);
    if (version !== null) this.version = version;
  }

  key(id: string): KeyRecord | undefined {
    return this.#known.keys.get(id);
  }

  organization(id: string): OrganizationRecord | undefined {
    return this.#known.organizations.get(id);
  }

  get organizations(): Iterable<OrganizationRecord> {
    return this.#known.organizations.values();
  }

  /** Organization ids from `id` to the root; null when they do not lead to the root. */
  path(id: string): readonly string[] | null {
    const known = this.#paths.get(id);
    if (known !== undefined) return known;
    const path = this.#walk(id);
    this.#paths.set(id, path);
    return path;
  }

  /** Every limit that holds. */
  get limits(): readonly LimitRecord[] {
    return [...this.#known.limits.values()].filter(({ removed }) => !removed);
  }

  /** The limits that stand on a node (an organization's or key's id). */
  limitsOn(node: string): readonly LimitRecord[] {
    this.#limitsOn ??= Map.groupBy(this.limits, ({ nodeId }) => nodeId);
    return this.#limitsOn.get(node) ?? NO_LIMITS;
  }

  /** The time zone in which a node's days begin: its own, or that of its key's organization. */
  zoneOf(node: string): string {
    const organization = this.#known.keys.get(node)?.organizationId ?? node;
    return this.#known.organizations.get(organization)?.timeZone ?? "UTC";
  }

  /** A setting as it holds for the first organization of a path; null where none of them decides. */
  setting<Name extends keyof OrganizationSettings>(
    path: readonly string[],
    name: Name,
  ): OrganizationSettings[Name] | null {
    for (const id of path) {
      const value = this.#known.organizations.get(id)?.settings[name] ?? null;
      if (value !== null) return value;
    }
    return null;
  }

  /** The lowest maximum of output tokens on a path: nobody below may lift what stands above. Null: there is none. */
  ceiling(path: readonly string[]): number | null {
    const set = path.map((id) => this.#known.organizations.get(id)?.settings.maxOutputTokens ?? null);
    const ceilings = set.filter((most) => most !== null);
    return ceilings.length === 0 ? null : Math.min(...ceilings);
  }

  /** The tenant's own price of a model for the first organization of a path that has one; null: the catalogue's. */
  price(path: readonly string[], model: string, at: number): TenantPriceRecord | null {
    if (this.#known.prices.size === 0) return null;
    const valid = [...this.#known.prices.values()].filter(
      (price) =>
        price.model === model && !price.removed && price.from <= at && (price.until === null || at < price.until),
    );
    for (const id of path) {
      const own = valid.find(({ organizationId }) => organizationId === id);
      if (own !== undefined) return own;
    }
    return null;
  }

  get webhooks(): readonly WebhookRecord[] {
    return [...this.#known.webhooks.values()].filter(({ removed }) => !removed);
  }

  /** The route of a name for the first organization of a path that has one; null: the name is a model's own. */
  route(path: readonly string[], name: string): RouteRecord | null {
    const routes = this.#routes();
    for (const id of path) {
      const route = routes.get(id)?.get(name);
      if (route !== undefined) return route;
    }
    return null;
  }

  /** The routes that hold for the first organization of a path: each name once, as the nearest has it. */
  routesFor(path: readonly string[]): RouteRecord[] {
    const routes = this.#routes();
    const nearest = path.toReversed().flatMap((id) => [...(routes.get(id) ?? [])]);
    return [...new Map(nearest).values()];
  }

  /** Whether a route holds for the first organization of a path. */
  isRouted(path: readonly string[]): boolean {
    const routes = this.#routes();
    return path.some((id) => routes.has(id));
  }

  /** What the tenant knows of a model (`provider/model`) beside the catalogue; null: nothing. */
  model(name: string): ModelRecord | null {
    return this.#models().get(name) ?? null;
  }

  get knowsModels(): boolean {
    return this.#models().size > 0;
  }

  get models(): readonly ModelRecord[] {
    return [...this.#models().values()];
  }

  /** What the organizations of a path say of models, the nearest first; every one of them holds. */
  access(path: readonly string[]): AccessRule[] {
    return path.flatMap((id) => {
      const { name, settings } = this.#known.organizations.get(id) ?? {};
      const access = settings?.modelAccess ?? null;
      return access === null || name === undefined ? [] : [{ organizationId: id, name, access }];
    });
  }

  #models(): Map<string, ModelRecord> {
    const standing = () => [...this.#known.models.values()].filter(({ removed }) => !removed);
    this.#modelsByName ??= new Map(standing().map((record) => [record.model, record]));
    return this.#modelsByName;
  }

  #routes(): Map<string, Map<string, RouteRecord>> {
    this.#routesOf ??= byOrganization([...this.#known.routes.values()].filter(({ removed }) => !removed));
    return this.#routesOf;
  }

  #walk(from: string): string[] | null {
    const path: string[] = [];
    let organization = this.#known.organizations.get(from);
    while (organization !== undefined && path.length < DEEPEST_PATH) {
      path.push(organization.id);
      if (organization.id === this.rootId) return path;
      if (organization.parentId === null) return null;
      organization = this.#known.organizations.get(organization.parentId);
    }
    return null;
  }

  #take(records: Records): void {
    for (const kind of kinds) this.#remember(kind, recordsOf(records, kind));
  }

  #remember<K extends Kind>(kind: K, records: readonly Records[K][number][]): void {
    const known = this.#known[kind] as Map<string, Records[K][number]>;
    for (const record of records) known.set(record.id, record);
    this.#paths.clear();
    this.#limitsOn = null;
    this.#routesOf = null;
    this.#modelsByName = null;
  }

  /** Deletes the stored records that are no longer there. */
  #drop(kind: Kind, records: readonly { id: string }[]): void {
    const kept = new Set(records.map(({ id }) => id));
    for (const id of this.#known[kind].keys()) {
      if (!kept.has(id)) this.#sql.write("DELETE FROM record WHERE kind = ? AND id = ?", KINDS[kind], id);
    }
  }

  #store(kind: Kind, records: readonly { id: string }[]): void {
    for (const record of records) {
      const body = JSON.stringify(record);
      if (body === JSON.stringify(this.#known[kind].get(record.id))) continue;
      this.#sql.write(
        "INSERT INTO record (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
        KINDS[kind],
        record.id,
        body,
      );
    }
  }

  #storeVersion(rootId: string, version: number): void {
    this.#sql.write(
      `INSERT INTO tenant (one, root_id, version) VALUES (1, ?, ?)
        ON CONFLICT (one) DO UPDATE SET root_id = excluded.root_id, version = excluded.version`,
      rootId,
      version,
    );
  }
}

/** What a key had that was stored before keys had these. */
const KEY_OF_BEFORE = { name: "", previous: null, models: null, ipRanges: null, origins: null };

/** A Worker of before tells nothing of a kind it does not know. */
const recordsOf = <K extends Kind>(records: Partial<Records>, kind: K): Records[K] | [] => records[kind] ?? [];

const NO_LIMITS: readonly LimitRecord[] = [];

function byOrganization(routes: readonly RouteRecord[]): Map<string, Map<string, RouteRecord>> {
  const grouped = [...Map.groupBy(routes, ({ organizationId }) => organizationId)];
  return new Map(grouped.map(([id, own]) => [id, new Map(own.map((route) => [route.name, route]))]));
}
