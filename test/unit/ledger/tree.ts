import { NO_SETTINGS, type OrganizationRecord, type TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import { keyRecord, organization, ROOT } from "./world.ts";

/** The tenant of the model tests: five levels, a branch beside them, and days that begin at four different moments. */

/** A month, a week and, in New York, summer time end within days of it. */
export const START = Date.UTC(2126, 9, 31, 20);

const REGION = "org_region00";
export const TEAM = "org_team0000";
const SQUAD = "org_squad000";
const CREW = "org_crew0000";
const SIDE = "org_side0000";

const ORGANIZATIONS: OrganizationRecord[] = [
  organization(ROOT, null, "Root"),
  organization(REGION, ROOT, "Region", {
    timeZone: "America/New_York",
    settings: { ...NO_SETTINGS, leastOutputTokens: 64 },
  }),
  organization(TEAM, REGION, "Team", {
    timeZone: "America/New_York",
    settings: { ...NO_SETTINGS, maxOutputTokens: 50_000 },
  }),
  organization(SQUAD, TEAM, "Squad", {
    timeZone: "Asia/Kolkata",
    settings: { ...NO_SETTINGS, defaultOutputTokens: 2_000 },
  }),
  organization(CREW, SQUAD, "Crew", { timeZone: "Asia/Kolkata" }),
  organization(SIDE, ROOT, "Side", {
    timeZone: "Australia/Lord_Howe",
    settings: { ...NO_SETTINGS, lowerCaps: false, maxOutputTokens: 8_000 },
  }),
];

const HOME: Readonly<Record<string, string>> = {
  key_crew00000000: CREW,
  key_crew00000001: CREW,
  key_squad0000000: SQUAD,
  key_region000000: REGION,
  key_root00000000: ROOT,
  key_side00000000: SIDE,
};

export const KEYS = Object.keys(HOME);
export const ORGANIZATION_IDS = ORGANIZATIONS.map(({ id }) => id);
export const NODES = [...KEYS, ...ORGANIZATION_IDS];

export const tree = (): TenantConfiguration => ({
  rootId: ROOT,
  version: 1,
  organizations: structuredClone(ORGANIZATIONS),
  keys: KEYS.map((id) => keyRecord(id, { organizationId: HOME[id] as string })),
  limits: [],
  prices: [],
  webhooks: [],
  routes: [],
  models: [],
});

const PARENT = new Map(ORGANIZATIONS.map(({ id, parentId }) => [id, parentId]));
const ZONE = new Map(ORGANIZATIONS.map(({ id, timeZone }) => [id, timeZone]));

/** Organizations of a tree are at most so many above each other. */
const DEEPEST = 8;

/** A key, then the organizations above it up to the root, by whatever tree; null: they do not lead there. */
export function lineIn(organizations: readonly OrganizationRecord[], keyId: string): string[] | null {
  const line = [keyId];
  for (let above: string | null = HOME[keyId] ?? null; above !== null; ) {
    line.push(above);
    if (above === ROOT) return line;
    if (line.length > DEEPEST) return null;
    above = organizations.find(({ id }) => id === line.at(-1))?.parentId ?? null;
  }
  return null;
}

/** The key or organization itself, then what stands above it, up to the root, as long as nothing has been moved. */
const LINES = new Map(
  NODES.map((node) => {
    const line = [node];
    for (let above = HOME[node] ?? PARENT.get(node); above != null; above = PARENT.get(above)) line.push(above);
    return [node, line];
  }),
);
export const lineOf = (node: string): string[] => LINES.get(node) as string[];

export const zoneOf = (node: string): string => ZONE.get(HOME[node] ?? node) as string;

/** The keys and organizations directly below each organization. */
export const CHILDREN: [organization: string, children: string[]][] = ORGANIZATION_IDS.map((organization) => [
  organization,
  NODES.filter((node) => lineOf(node)[1] === organization),
]);
