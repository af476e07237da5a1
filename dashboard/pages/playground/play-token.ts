import { api, ask } from "../../api/client.ts";

/** A token that ends so soon is not begun with. */
const LEFT_MS = 60_000;

interface Held {
  organization: string;
  token: string;
  expiresAt: number;
}

// In memory only: it goes with the page, and stands in no storage and no address.
let held: Held | null = null;
let asking: { organization: string; answer: Promise<Held> } | null = null;

async function take(organization: string): Promise<Held> {
  const { token, expires_at } = await ask(api.playground.token.$post({ json: { organization_id: organization } }));
  return { organization, token, expiresAt: Date.parse(expires_at) };
}

/** A token good for some minutes in place of a key, which an organization pays for; throws an `ApiFailure`. */
export async function playToken(organization: string): Promise<string> {
  if (held?.organization === organization && held.expiresAt - Date.now() > LEFT_MS) return held.token;
  if (asking?.organization !== organization) {
    const answer = take(organization).finally(() => {
      asking = null;
    });
    asking = { organization, answer };
  }
  held = await asking.answer;
  return held.token;
}

/** The token was refused: the next is a new one. */
export function forgetPlayToken(): void {
  held = null;
}
