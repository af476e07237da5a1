import { parseArgs } from "node:util";
import { seedEvents } from "./seed-events.ts";

/**
 * `npm run bench:seed -- --root org_… [--events 10000000] [--days 90]`: usage of a tenant for measuring, into the Postgres of
 * `DATABASE_OWNER_URL`, migrated already. docs/statistics.md says what it is for.
 */
const { values } = parseArgs({
  options: {
    root: { type: "string" },
    events: { type: "string", default: "10000000" },
    days: { type: "string", default: "90" },
  },
});
const url = process.env.DATABASE_OWNER_URL;
if (url === undefined || values.root === undefined) {
  console.error("DATABASE_OWNER_URL and --root are needed.");
  process.exit(1);
}
const events = Number(values.events);
await seedEvents({
  ...{ url, rootId: values.root, events, days: Number(values.days), until: Date.now() },
  onDay: (written) => process.stdout.write(`\r${written} of ${events}`),
});
process.stdout.write("\n");
