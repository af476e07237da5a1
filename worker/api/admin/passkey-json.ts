import { z } from "zod";

/** Bytes as browsers write them in JSON. */
const bytes = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/, "Must be base64url without padding");

const credential = { id: bytes(2_000), rawId: bytes(2_000), type: z.literal("public-key") };

/** What `navigator.credentials.create` answers, by `toJSON()`; browsers say more than is read here. */
export const newCredentialSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes(10_000),
      attestationObject: bytes(50_000),
      transports: z.array(z.string().max(32)).max(10).optional(),
    }),
  })
  .describe("What `navigator.credentials.create` answered, as JSON.");

/** What `navigator.credentials.get` answers. */
export const shownCredentialSchema = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes(10_000),
      authenticatorData: bytes(10_000),
      signature: bytes(10_000),
      userHandle: bytes(200).optional(),
    }),
  })
  .describe("What `navigator.credentials.get` answered, as JSON.");
