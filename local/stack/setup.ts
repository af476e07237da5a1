import { type Secrets, saveSecrets } from "./secrets.ts";
import { StartError } from "./start-error.ts";
import { statusOf } from "./wait.ts";

const ORGANIZATION = "Local";

interface Keys {
  apiKey: string;
  adminKey: string;
}

/**
 * Sees to it that `secrets` has keys which this database knows: those of an earlier start; or those that a new database
 * hands out once, for the set-up token; or, when a start was killed between the set-up and its own note of it, two new
 * ones made by the admin. Throws a `StartError` when the database belongs to another data directory.
 */
export async function ensureKeys(router: string, dataDir: string, secrets: Secrets): Promise<void> {
  if (secrets.apiKey && secrets.adminKey && (await readsRequests(router, secrets.adminKey))) return;
  const keys = (await setUp(router, secrets)) ?? (await makeKeys(router, secrets));
  if (keys === null) {
    throw new StartError(
      `The database is in use already, with an admin whom ${dataDir}/secrets.json does not know. ` +
        "Bring back the data directory that it was set up with, or take an empty database.",
    );
  }
  Object.assign(secrets, keys);
  saveSecrets(dataDir, secrets);
}

/** Whether the management API behind `origin`, the router or the site, answers this admin key. */
export const readsRequests = async (origin: string, adminKey: string): Promise<boolean> =>
  (await statusOf(`${origin}/api/requests?limit=1`, { authorization: `Bearer ${adminKey}` })) === 200;

/** Null when the database has been set up before. */
async function setUp(router: string, { SETUP_TOKEN, admin }: Secrets): Promise<Keys | null> {
  const response = await post(`${router}/api/setup`, { token: SETUP_TOKEN, organization: ORGANIZATION, ...admin });
  // 410: with this token; 409: with another, and the same admin.
  if (response.status === 410 || response.status === 409) return null;
  const { api_key: apiKey, admin_key: adminKey } = (await readMade(response)) as { api_key: string; admin_key: string };
  return { apiKey, adminKey };
}

/** Null when the admin cannot sign in. */
async function makeKeys(router: string, { admin }: Secrets): Promise<Keys | null> {
  const session = await post(`${router}/api/session`, admin);
  await session.body?.cancel();
  if (session.status === 401) return null;
  const headers = {
    cookie: session.headers
      .getSetCookie()
      .map((cookie) => cookie.replace(/;.*/s, ""))
      .join("; "),
    // What the API asks of a page, to know that no other site sent this.
    origin: router,
    "x-gaia-csrf": "1",
  };
  const make = async (name: string, permissions: string[]) => {
    const response = await post(`${router}/api/keys`, { name, permissions }, headers);
    return ((await readMade(response)) as { key: string }).key;
  };
  return { apiKey: await make("First key", ["read", "write"]), adminKey: await make("Admin key", ["admin"]) };
}

const post = (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

async function readMade(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.status === 201) return JSON.parse(text);
  throw new StartError(`${response.url} answered ${response.status}: ${text}`);
}
