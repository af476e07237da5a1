import { type Import, importsComputedName, importsOf, type SourceTree } from "./imports.ts";

/** The building: a file imports its own unit and lower floors. Units of one floor do not import each other. */
const FLOORS: Record<string, number> = {
  "worker/index.ts": 7,
  "worker/api/": 6,
  "worker/services.ts": 5,
  "worker/router/": 4,
  "worker/ledger/": 4,
  "worker/auth/": 4,
  "worker/organizations/": 4,
  "worker/usage/": 4,
  "worker/providers/": 3,
  "worker/dialects/": 2,
  "worker/telemetry/": 2,
  "worker/canonical/": 1,
  "worker/catalog/": 1,
  "worker/errors.ts": 1,
  "worker/env.ts": 1,
  "drizzle/": 1,
  "worker/lib/": 0,
};

/** Inference knows no database, accounts know no provider; they meet in `worker/api/`. */
const INFERENCE = ["worker/router/", "worker/providers/", "worker/dialects/", "worker/canonical/", "worker/catalog/"];
const ACCOUNTS = ["worker/ledger/", "worker/auth/", "worker/organizations/", "worker/usage/", "drizzle/"];
const DATABASE_PACKAGES = ["drizzle-orm", "@neondatabase/serverless", "pg", "postgres", "@electric-sql/pglite"];
/** Everything that would reach Postgres another way than Drizzle over the Neon HTTP driver. */
const OTHER_DRIVERS =
  /^(?:pg|postgres|@electric-sql\/pglite|drizzle-orm\/(?:neon-serverless|node-postgres|postgres-js|pglite|pg-proxy))(?:\/|$)/;
const NEON_HTTP = /^(?:@neondatabase\/serverless|drizzle-orm\/neon-http)(?:\/|$)/;

const isIn = (path: string, units: readonly string[]): boolean => units.some((unit) => path.startsWith(unit));
const isPackage = (specifier: string, names: readonly string[]): boolean =>
  names.some((name) => specifier === name || specifier.startsWith(`${name}/`));
const unitOf = (path: string): string | undefined => Object.keys(FLOORS).find((unit) => path.startsWith(unit));
const dialectOf = (path: string): string | undefined => /^worker\/dialects\/([^/]+)\//.exec(path)?.[1];

/** A rule reads one arrow and answers with what is wrong about it, or null. */
type Rule = (arrow: Import) => string | null;

const importsPointDown: Rule = ({ from, to, own, typeOnly }) => {
  const unit = unitOf(from);
  if (!unit || !own) return null;
  const target = unitOf(to);
  if (!target) return "leaves the building";
  if (unit === target) return null;
  const [here = 0, there = 0] = [FLOORS[unit], FLOORS[target]];
  if (there > here) return `points up, from floor ${here} to floor ${there}`;
  // The canonical types are the words that pass between the parts; the others of that floor may use them as types.
  const words = target === "worker/canonical/" && typeOnly && unit !== "drizzle/";
  return there === here && !words ? `visits a neighbour on floor ${here}` : null;
};

const dialectsKeepApart: Rule = ({ from, to, own }) => {
  const here = dialectOf(from);
  if (here && own && to === "worker/dialects/registry.ts") return "a dialect imports the registry of dialects";
  if (!own || dialectOf(to) === undefined || dialectOf(to) === here) return null;
  if (here) return "a dialect imports another dialect";
  return from.startsWith("worker/dialects/") && from !== "worker/dialects/registry.ts"
    ? "a helper of all dialects imports one of them"
    : null;
};

const sidesKeepApart: Rule = ({ from, to, own }) => {
  if (isIn(from, INFERENCE) && (own ? to.startsWith("drizzle/") : isPackage(to, DATABASE_PACKAGES))) {
    return "the inference side reaches for the database";
  }
  if (isIn(from, ACCOUNTS) && own && isIn(to, INFERENCE.slice(0, 3))) return "the accounts side reaches for a provider";
  if (from.startsWith("worker/api/admin/") && to.startsWith("worker/api/inference/")) return "admin imports inference";
  if (from.startsWith("worker/api/inference/") && to.startsWith("worker/api/admin/")) return "inference imports admin";
  return null;
};

const httpStaysAbove: Rule = ({ from, to }) =>
  isPackage(to, ["hono"]) && isIn(from, ["worker/", "drizzle/"]) && !isIn(from, ["worker/api/", "worker/index.ts"])
    ? "HTTP framework below worker/api"
    : null;

const postgresByNeonHttpOnly: Rule = ({ from, to, own, typeOnly, names }) => {
  if (own || !isIn(from, ["worker/", "drizzle/"])) return null;
  if (OTHER_DRIVERS.test(to)) return "another way to Postgres than Drizzle over the Neon HTTP driver";
  if (!NEON_HTTP.test(to)) return null;
  if (!from.startsWith("drizzle/")) return "the database driver outside drizzle/";
  const sockets = names.filter((name) => name === "Client" || name === "Pool");
  return sockets.length > 0 && !typeOnly ? `a WebSocket connection (${sockets.join(", ")}) instead of HTTP` : null;
};

const telemetryStaysApart: Rule = ({ from, to, own }) =>
  !own && isPackage(to, ["@opentelemetry"]) && !from.startsWith("worker/telemetry/")
    ? "OpenTelemetry outside worker/telemetry"
    : null;

const dashboardImportsTypes: Rule = ({ from, to, own, typeOnly }) => {
  if (!from.startsWith("dashboard/") || !own || to.startsWith("dashboard/")) return null;
  return to.startsWith("worker/") && typeOnly ? null : "the dashboard imports more than types of worker/";
};

const localStandsAlone: Rule = ({ from, to, own }) => {
  if (!from.startsWith("local/") || !own) return null;
  if (to.startsWith("worker/")) return "the local stack imports worker/";
  return from.startsWith("local/simulator/") && !to.startsWith("local/simulator/")
    ? "the simulator imports something outside itself, which would make tests circular"
    : null;
};

const RULES: Rule[] = [
  importsPointDown,
  dialectsKeepApart,
  sidesKeepApart,
  httpStaysAbove,
  postgresByNeonHttpOnly,
  telemetryStaysApart,
  dashboardImportsTypes,
  localStandsAlone,
];

/** Every arrow of the tree that breaks a rule, as `from → to: what is wrong`. */
export const offendingImports = (tree: SourceTree): string[] => {
  const found: string[] = [];
  for (const [path, text] of tree) {
    const building = isIn(path, ["worker/", "drizzle/"]);
    if (building && !unitOf(path)) found.push(`${path}: stands on no floor`);
    if (building && importsComputedName(text)) found.push(`${path}: imports a computed name`);
    for (const arrow of importsOf(path, text)) {
      for (const rule of RULES) {
        const wrong = rule(arrow);
        if (wrong) found.push(`${path} → ${arrow.to}: ${wrong}`);
      }
    }
  }
  return found;
};
