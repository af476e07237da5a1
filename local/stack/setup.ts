import { type Secrets, saveSecrets } from "./secrets.ts";
import { StartError } from "./start-error.ts";
import { statusOf } from "./wait.ts";

const ORGANIZATION = "Local";

interface SetupAnswer {
  apiKey: string;
  adminKey: string;
}

/**
 * Sees to it that `secrets` has keys which this database knows: those of an earlier start, or those that a new database
 * hands out once, for the set-up token. Throws a `StartError` when the database belongs to another data directory.
 */
export async function ensureKeys(router: string, dataDir: string, secrets: Secrets): Promise<void> {
  if (secrets.adminKey !== undefined && (await readsRequests(router, secrets.adminKey))) return;
  const response = await fetch(`${router}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: secrets.SETUP_TOKEN, organization: ORGANIZATION, ...secrets.admin }),
  });
  const text = await response.text();
  if (response.status === 409) {
    throw new StartError(
      `The database is in use already, with keys that ${dataDir}/secrets.json does not have. ` +
        "Bring back the data directory that it was set up with, or take an empty database.",
    );
  }
  if (response.status !== 201) throw new StartError(`The set-up failed with status ${response.status}: ${text}`);
  const { apiKey, adminKey } = JSON.parse(text) as SetupAnswer;
  Object.assign(secrets, { apiKey, adminKey });
  saveSecrets(dataDir, secrets);
}

/** Whether the management API behind `origin`, the router or the site, answers this admin key. */
export const readsRequests = async (origin: string, adminKey: string): Promise<boolean> =>
  (await statusOf(`${origin}/api/requests?limit=1`, { authorization: `Bearer ${adminKey}` })) === 200;
