import { verifyChain } from "./audit-chain.ts";
import { createDatabase } from "./client.ts";

/** A chain of millions of rows takes a while. */
const TIMEOUT_MS = 600_000;

/**
 * The command line, for operators: `npm run audit:verify -- org_4k2m9x0a …`, each root with `=HASH` behind it where its chain
 * must still have a row of that hash. `DATABASE_OWNER_URL` or `DATABASE_URL`, and optionally `DATABASE_ENDPOINT`. Writes one
 * JSON line a root, and ends with 1 when a chain is not intact.
 */
async function main(): Promise<void> {
  const { DATABASE_OWNER_URL: owner, DATABASE_URL: application, DATABASE_ENDPOINT: endpoint } = process.env;
  const url = owner || application;
  if (!url || !isConnectionString(url)) return refuse("DATABASE_OWNER_URL or DATABASE_URL must be a connection string");
  const roots = process.argv.slice(2).map((argument) => argument.split("="));
  if (roots.length === 0) return refuse("Name the root organizations whose logs are to be verified");
  const database = createDatabase({ url, endpoint }, TIMEOUT_MS);
  for (const [root = "", expected] of roots) {
    const { intact, rows, firstBroken, lastHash } = await verifyChain(database, root, expected);
    if (!intact) process.exitCode = 1;
    console.log(JSON.stringify({ root, intact, rows, first_broken: firstBroken, last_hash: lastHash }));
  }
}

/** As the driver wants it. Its own refusal repeats the whole string, with the password in it. */
function isConnectionString(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null && /^postgres(ql)?:$/.test(url.protocol) && [url.username, url.hostname].every((part) => part !== "")
  );
}

function refuse(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

if (import.meta.main) await main();
