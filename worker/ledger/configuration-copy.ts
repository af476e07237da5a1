import type { KeyRecord, OrganizationRecord, TenantConfiguration } from "../canonical/tenant.ts";
import type { CountedSql } from "./storage.ts";

/** A tree of organizations is at most eight deep; deeper is a cycle. */
const DEEPEST_PATH = 8;

type Kind = "organization" | "key";

export const CONFIGURATION_TABLES = [
  "CREATE TABLE IF NOT EXISTS tenant (one INTEGER PRIMARY KEY, root_id TEXT NOT NULL, version INTEGER NOT NULL)",
  `CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) WITHOUT ROWID`,
];

/** The tenant's organizations and keys: in memory, and in SQLite so that a warm tenant needs no Postgres. */
export class ConfigurationCopy {
  /** Null until a configuration is stored. */
  rootId: string | null = null;
  version: number | null = null;
  readonly #sql: CountedSql;
  readonly #organizations = new Map<string, OrganizationRecord>();
  readonly #keys = new Map<string, KeyRecord>();
  readonly #paths = new Map<string, readonly string[] | null>();

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
    for (const { kind, body } of this.#sql.rows<{ kind: Kind; body: string }>("SELECT kind, body FROM record")) {
      if (kind === "organization") this.#remember(this.#organizations, JSON.parse(body) as OrganizationRecord);
      else this.#remember(this.#keys, JSON.parse(body) as KeyRecord);
    }
  }

  /** Takes a whole configuration, writing only the records that differ. */
  replace(configuration: TenantConfiguration): void {
    this.#sql.transaction(() => {
      this.#drop("organization", this.#organizations, configuration.organizations);
      this.#drop("key", this.#keys, configuration.keys);
      this.#store("organization", this.#organizations, configuration.organizations);
      this.#store("key", this.#keys, configuration.keys);
      this.#storeVersion(configuration.rootId, configuration.version);
    });
    this.#organizations.clear();
    this.#keys.clear();
    this.#take(configuration.organizations, configuration.keys);
    this.rootId = configuration.rootId;
    this.version = configuration.version;
  }

  /** Takes changed records; `version` is null when the versions in between are still missing. */
  apply(organizations: readonly OrganizationRecord[], keys: readonly KeyRecord[], version: number | null): void {
    const rootId = this.rootId;
    if (rootId === null) throw new Error("a change cannot be applied before the configuration is loaded");
    this.#sql.transaction(() => {
      this.#store("organization", this.#organizations, organizations);
      this.#store("key", this.#keys, keys);
      if (version !== null) this.#storeVersion(rootId, version);
    });
    this.#take(organizations, keys);
    if (version !== null) this.version = version;
  }

  key(id: string): KeyRecord | undefined {
    return this.#keys.get(id);
  }

  /** Organization ids from `id` to the root; null when they do not lead to the root. */
  path(id: string): readonly string[] | null {
    const known = this.#paths.get(id);
    if (known !== undefined) return known;
    const path = this.#walk(id);
    this.#paths.set(id, path);
    return path;
  }

  #walk(from: string): string[] | null {
    const path: string[] = [];
    let organization = this.#organizations.get(from);
    while (organization !== undefined && path.length < DEEPEST_PATH) {
      path.push(organization.id);
      if (organization.id === this.rootId) return path;
      if (organization.parentId === null) return null;
      organization = this.#organizations.get(organization.parentId);
    }
    return null;
  }

  #take(organizations: readonly OrganizationRecord[], keys: readonly KeyRecord[]): void {
    for (const organization of organizations) this.#remember(this.#organizations, organization);
    for (const key of keys) this.#remember(this.#keys, key);
    this.#paths.clear();
  }

  #remember<T extends { id: string }>(known: Map<string, T>, record: T): void {
    known.set(record.id, record);
  }

  /** Deletes the stored records that are no longer there. */
  #drop(kind: Kind, known: ReadonlyMap<string, unknown>, records: readonly { id: string }[]): void {
    const kept = new Set(records.map(({ id }) => id));
    for (const id of known.keys()) {
      if (!kept.has(id)) this.#sql.write("DELETE FROM record WHERE kind = ? AND id = ?", kind, id);
    }
  }

  #store<T extends { id: string }>(kind: Kind, known: ReadonlyMap<string, T>, records: readonly T[]): void {
    for (const record of records) {
      const body = JSON.stringify(record);
      if (body === JSON.stringify(known.get(record.id))) continue;
      this.#sql.write(
        "INSERT INTO record (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
        kind,
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
