import { join } from "node:path";
import { inject } from "vitest";
import { createClient } from "../../../drizzle/client.ts";
import { readJsonFile } from "../../../local/stack/files.ts";
import type { Secrets } from "../../../local/stack/secrets.ts";

const TIMEOUT_MS = 10_000;

/**
 * Takes back, as the database's owner, that the stack's set-up token was used, and answers it. Whoever sets up with it makes a
 * tenant of their own beside those that are there: a first run costs no stack of its own.
 */
export async function renewSetUp(): Promise<string> {
  const { SETUP_TOKEN, ownerPassword } = readJsonFile(join(inject("dataDir"), "secrets.json")) as Secrets;
  const url = new URL("postgres://127.0.0.1/postgres");
  url.username = "postgres";
  url.password = ownerPassword;
  await createClient({ url: url.href, endpoint: inject("stack").database }, TIMEOUT_MS).query(
    "delete from setup_tokens",
  );
  return SETUP_TOKEN;
}
