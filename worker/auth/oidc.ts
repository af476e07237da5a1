/** Signing in by OpenID Connect: the authorization code flow with PKCE (RFC 7636), state and nonce. */
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { timingSafeEqual, toBase64Url, toPaddedBase64, utf8 } from "../lib/encoding.ts";
import { parseJson } from "../lib/json.ts";
import type { Random } from "../lib/random.ts";
import {
  createVerifier,
  type Identity,
  type IdentityFetch,
  notValid,
  PROVIDER_TIMEOUT_MS,
  unavailable,
  type VerifyIdentity,
} from "./identity.ts";

/** Seconds that somebody may take at the provider. */
export const STATE_SECONDS = 600;
/** Milliseconds for which a provider's description of itself is kept. */
const DISCOVERY_MS = 3_600_000;
const AUDIENCE = "gaiarouter/sign-on";

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url({ protocol: /^https?$/ }),
  token_endpoint: z.url({ protocol: /^https?$/ }),
  jwks_uri: z.url({ protocol: /^https?$/ }),
});

const tokens = z.object({ id_token: z.string() });

const stateClaims = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });

export interface OidcSettings {
  /** As its tokens name it, without a slash more or less. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Signs what the browser keeps meanwhile. */
  sessionSecret: string;
  random: Random;
  fetch: IdentityFetch;
}

/** What came back from the provider, and what the browser kept. */
export interface OidcAnswer {
  code: string;
  state: string;
  /** The cookie that `begin` had set. */
  kept: string;
  redirectUri: string;
  now: number;
}

export interface OidcClient {
  /** Where to send the browser, and what it must keep in a cookie until it is back. `to`: where it goes afterwards. */
  begin(options: { redirectUri: string; to: string; now: number }): Promise<{ url: string; kept: string }>;
  /**
   * Who came back. `spend` is asked once the state is found to be the browser's own, and says whether it comes for the
   * first time. Throws `invalid_credentials`, `identity_provider_unavailable`.
   */
  finish(answer: OidcAnswer, spend: (state: string) => Promise<boolean>): Promise<{ identity: Identity; to: string }>;
}

interface Provider extends z.infer<typeof discovery> {
  verify: VerifyIdentity;
  readAt: number;
}

export function createOidc({ issuer, clientId, clientSecret, sessionSecret, random, fetch }: OidcSettings): OidcClient {
  const http = { fetch };
  let known: Provider | null = null;

  /** A JSON answer of the provider; null where it refuses. */
  async function ask(url: string, init: RequestInit): Promise<unknown> {
    const signal = AbortSignal.timeout(PROVIDER_TIMEOUT_MS);
    const answer = await http.fetch(url, { ...init, redirect: "manual", signal }).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    const text = await answer.text().catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (answer.status >= 500) throw unavailable(`${url} answered ${answer.status}`);
    return answer.ok ? parseJson(text) : null;
  }

  async function provider(now: number): Promise<Provider> {
    if (known && now - known.readAt < DISCOVERY_MS) return known;
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const found = discovery.safeParse(await ask(url, { headers: { accept: "application/json" } }));
    if (!found.success || found.data.issuer !== issuer) throw unavailable("its description of itself does not hold");
    // The keys that were read are kept as long as their place does not change.
    const verify =
      known?.jwks_uri === found.data.jwks_uri
        ? known.verify
        : createVerifier({
            ...{ issuer, audience: clientId, jwksUrl: found.data.jwks_uri, fetch },
            verifiesEmail: false,
          });
    known = { ...found.data, verify, readAt: now };
    return known;
  }

  const secretText = () => toBase64Url(random(32));

  return {
    async begin({ redirectUri, to, now }) {
      const { authorization_endpoint: endpoint } = await provider(now);
      const [state, nonce, verifier] = [secretText(), secretText(), secretText()];
      const challenge = toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(verifier))));
      const url = new URL(endpoint);
      const asked = {
        ...{ response_type: "code", client_id: clientId, redirect_uri: redirectUri, scope: "openid email profile" },
        ...{ state, nonce, code_challenge: challenge, code_challenge_method: "S256" },
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      const seconds = Math.floor(now / 1000);
      const kept = await new SignJWT({ state, nonce, verifier, to })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setAudience(AUDIENCE)
        .setExpirationTime(seconds + STATE_SECONDS)
        .sign(utf8(sessionSecret));
      return { url: url.href, kept };
    },

    async finish({ code, state, kept, redirectUri, now }, spend) {
      const claims = await readKept(kept, sessionSecret, now);
      if (!claims || !timingSafeEqual(claims.state, state)) throw notValid("the state is another");
      if (!(await spend(state))) throw notValid("the state has come back before");
      const { token_endpoint: endpoint, verify } = await provider(now);
      const body = new URLSearchParams({
        ...{ grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: claims.verifier },
      });
      // RFC 6749, 2.3.1: both are form-encoded before they are joined.
      const basic = toPaddedBase64(utf8(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`));
      const headers = { authorization: `Basic ${basic}`, accept: "application/json" };
      const granted = tokens.safeParse(await ask(endpoint, { method: "POST", headers, body }));
      if (!granted.success) throw notValid("the provider takes the code for none of its own");
      return { identity: await verify(granted.data.id_token, now, claims.nonce), to: claims.to };
    },
  };
}

/** What the browser kept; null when it is not ours or too old. */
async function readKept(kept: string, secret: string, now: number): Promise<z.infer<typeof stateClaims> | null> {
  try {
    const { payload } = await jwtVerify(kept, utf8(secret), {
      ...{ algorithms: ["HS256"], audience: AUDIENCE, requiredClaims: ["exp"], currentDate: new Date(now) },
    });
    return stateClaims.safeParse(payload).data ?? null;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
