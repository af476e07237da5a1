import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";

const KEYS_PATH = "/cdn-cgi/access/certs";

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** What a code stands for until it is exchanged. */
interface Grant {
  challenge: string;
  redirectUri: string;
  idToken: string;
}

/** An identity provider on this machine: OpenID Connect, and Cloudflare Access's way of showing its keys. */
export interface Issuer {
  url: string;
  clientId: string;
  clientSecret: string;
  /** How often its keys were read. */
  keysRead(): number;
  /** Takes a new key into use and forgets the old one. */
  rotate(): Promise<void>;
  /** The public key as anybody can read it. */
  publicKey(): Promise<string>;
  /** A token signed with the key in use; what is given stands in place of what an honest one says. */
  sign(claims: object, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Plays the provider's own page: a code for whoever was sent to `authorize`, with these claims. */
  authorize(url: string, claims: object): Promise<{ code: string; state: string; query: URLSearchParams }>;
  /** Answers everything with 503 while true. */
  down: boolean;
  close(): Promise<void>;
}

async function newKey(kid: string): Promise<SigningKey> {
  return { kid, ...(await generateKeyPair("RS256", { extractable: true })) };
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return new URLSearchParams(Buffer.concat(pieces).toString());
}

/** `now`: seconds that its tokens are made at. */
export async function startIssuer(now: () => number): Promise<Issuer> {
  let key = await newKey("first");
  let keysRead = 0;
  let codes = 0;
  const grants = new Map<string, Grant>();

  async function exchange(request: IncomingMessage): Promise<[number, object]> {
    const form = await bodyOf(request);
    const expected = `Basic ${Buffer.from(`${issuer.clientId}:${encodeURIComponent(issuer.clientSecret)}`).toString("base64")}`;
    if (request.headers.authorization !== expected) return [401, { error: "invalid_client" }];
    const code = form.get("code") ?? "";
    const grant = grants.get(code);
    grants.delete(code);
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (grant?.challenge !== challenge || grant.redirectUri !== form.get("redirect_uri")) {
      return [400, { error: "invalid_grant" }];
    }
    return [200, { token_type: "Bearer", access_token: "none", id_token: grant.idToken }];
  }

  async function answer(request: IncomingMessage): Promise<[number, object]> {
    if (issuer.down) return [503, {}];
    switch (request.url) {
      case "/.well-known/openid-configuration":
        return [
          200,
          {
            issuer: issuer.url,
            authorization_endpoint: `${issuer.url}/authorize`,
            token_endpoint: `${issuer.url}/token`,
            jwks_uri: issuer.url + KEYS_PATH,
          },
        ];
      case KEYS_PATH:
        keysRead += 1;
        return [200, { keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid, alg: "RS256", use: "sig" }] }];
      case "/token":
        return exchange(request);
      default:
        return [404, {}];
    }
  }

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const issuer: Issuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId: "gaia",
    clientSecret: "a secret with : and %",
    keysRead: () => keysRead,
    async rotate() {
      key = await newKey(`${key.kid}+`);
    },
    publicKey: () => exportSPKI(key.publicKey),
    sign(claims, header = {}) {
      const at = now();
      const payload = { iss: issuer.url, aud: issuer.clientId, iat: at, exp: at + 300, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: key.kid, ...header }).sign(key.privateKey);
    },
    async authorize(url, claims) {
      const query = new URL(url).searchParams;
      const code = `code ${++codes}`;
      grants.set(code, {
        challenge: query.get("code_challenge") ?? "",
        redirectUri: query.get("redirect_uri") ?? "",
        idToken: await issuer.sign({ nonce: query.get("nonce"), ...claims }),
      });
      return { code, state: query.get("state") ?? "", query };
    },
    down: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return issuer;
}
