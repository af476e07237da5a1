import { toBase64Url, utf8 } from "../../worker/lib/encoding.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const join = (...parts: Uint8Array[]): Bytes => new Uint8Array(parts.flatMap((part) => [...part]));
const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** The head of a CBOR item (RFC 8949): its kind, and how many or how long. */
const head = (kind: number, size: number): Bytes =>
  size < 24
    ? new Uint8Array([(kind << 5) | size])
    : size < 256
      ? new Uint8Array([(kind << 5) | 24, size])
      : new Uint8Array([(kind << 5) | 25, size >> 8, size & 255]);
const integer = (value: number): Bytes => (value >= 0 ? head(0, value) : head(1, -1 - value));
const binary = (bytes: Uint8Array): Bytes => join(head(2, bytes.length), bytes);
const text = (value: string): Bytes => join(head(3, utf8(value).length), utf8(value));

/** An integer of a raw signature as DER writes it. */
function derInteger(bytes: Uint8Array): Bytes {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first === -1 ? bytes.length - 1 : first);
  const padded = (short[0] ?? 0) > 127 ? join(new Uint8Array([0]), short) : new Uint8Array(short);
  return join(new Uint8Array([2, padded.length]), padded);
}

/** What an authenticator does otherwise than it should. */
export interface Misdeeds {
  origin?: string;
  rpId?: string;
  challenge?: string;
  /** Nobody has shown who they are to it. */
  unverified?: true;
  counter?: number;
}

/** A passkey made in software (ES256, WebAuthn level 3), for tests against the real verification. */
export async function createSoftwarePasskey(origin: string, counts = true) {
  const rpId = new URL(origin).hostname;
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const coordinate = (value: string) => Uint8Array.from(Buffer.from(value, "base64url"));
  const id = crypto.getRandomValues(new Uint8Array(16));
  let counter = 0;
  let userHandle = "";

  const clientData = (type: string, challenge: string, misdeeds: Misdeeds) =>
    utf8(
      JSON.stringify({
        ...{ type, challenge: misdeeds.challenge ?? challenge, origin: misdeeds.origin ?? origin, crossOrigin: false },
      }),
    );
  const authenticatorData = async (flags: number, misdeeds: Misdeeds, attested: Uint8Array = new Uint8Array(0)) => {
    counter = misdeeds.counter ?? (counts ? counter + 1 : 0);
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, counter);
    const verified = misdeeds.unverified ? flags & ~0x04 : flags;
    return join(await sha256(utf8(misdeeds.rpId ?? rpId)), new Uint8Array([verified]), count, attested);
  };
  const named = { id: toBase64Url(id), rawId: toBase64Url(id), type: "public-key" };

  return {
    credentialId: named.id,
    /** Answers the options of a registration. */
    async create({ challenge, user }: { challenge: string; user: { id: string } }, misdeeds: Misdeeds = {}) {
      userHandle = user.id;
      const cose = join(
        ...[head(5, 5), integer(1), integer(2), integer(3), integer(-7), integer(-1), integer(1)],
        ...[integer(-2), binary(coordinate(x)), integer(-3), binary(coordinate(y))],
      );
      const attested = join(new Uint8Array(16), new Uint8Array([0, id.length]), id, cose);
      const data = await authenticatorData(0x45, misdeeds, attested);
      const attestation = join(head(5, 3), text("fmt"), text("none"), text("attStmt"), head(5, 0), text("authData"));
      return {
        ...named,
        response: {
          clientDataJSON: toBase64Url(clientData("webauthn.create", challenge, misdeeds)),
          attestationObject: toBase64Url(join(attestation, binary(data))),
          transports: ["internal"],
        },
      };
    },
    /** Answers the options of a sign-in. */
    async get({ challenge }: { challenge: string }, misdeeds: Misdeeds = {}) {
      const client = clientData("webauthn.get", challenge, misdeeds);
      const data = await authenticatorData(0x05, misdeeds);
      const signed = join(data, await sha256(client));
      const algorithm = { name: "ECDSA", hash: "SHA-256" };
      const raw = new Uint8Array(await crypto.subtle.sign(algorithm, keys.privateKey, signed));
      const numbers = join(derInteger(raw.subarray(0, 32)), derInteger(raw.subarray(32)));
      return {
        ...named,
        response: {
          clientDataJSON: toBase64Url(client),
          authenticatorData: toBase64Url(data),
          signature: toBase64Url(join(new Uint8Array([0x30, numbers.length]), numbers)),
          userHandle,
        },
      };
    },
  };
}
