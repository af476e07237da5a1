import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { count, id, instant } from "./common.ts";

const base64url = z.string().meta({ pattern: "^[A-Za-z0-9_-]*$" });

export const halfway = z
  .strictObject({
    second_factors: z
      .array(z.enum(["totp", "passkey", "recovery_code"]))
      .describe("What the person has: codes go to `POST /api/session/code`, a passkey to `POST /api/session/passkey`."),
    expires_at: instant,
  })
  .meta({ id: "SecondStep", description: "A sign-in that waits for a second factor." });

const descriptor = z.strictObject({
  id: base64url,
  type: z.string(),
  transports: z.array(z.string()).optional(),
});

export const requestOptions = z
  .strictObject({
    rpId: z.string().optional(),
    challenge: base64url,
    allowCredentials: z.array(descriptor).optional(),
    timeout: z.int().optional(),
    userVerification: z.string().optional(),
    extensions: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({
    id: "PasskeyRequest",
    description: "For `navigator.credentials.get`, by `PublicKeyCredential.parseRequestOptionsFromJSON`.",
  });

const creationOptions = z
  .strictObject({
    challenge: base64url,
    rp: z.strictObject({ id: z.string().optional(), name: z.string() }),
    user: z.strictObject({ id: base64url, name: z.string(), displayName: z.string() }),
    pubKeyCredParams: z.array(z.strictObject({ type: z.literal("public-key"), alg: z.int() })),
    timeout: z.int().optional(),
    attestation: z.string().optional(),
    attestationFormats: z.array(z.string()).optional(),
    excludeCredentials: z.array(descriptor).optional(),
    authenticatorSelection: z
      .strictObject({
        authenticatorAttachment: z.string().optional(),
        residentKey: z.string().optional(),
        requireResidentKey: z.boolean().optional(),
        userVerification: z.string().optional(),
      })
      .optional(),
    extensions: z.record(z.string(), z.unknown()).optional(),
    hints: z.array(z.string()).optional(),
  })
  .meta({
    id: "PasskeyCreation",
    description: "For `navigator.credentials.create`, by `PublicKeyCredential.parseCreationOptionsFromJSON`.",
  });

const passkeyFields = { id: id("pky"), name: z.string(), created_at: instant, last_used_at: instant.nullable() };
const passkey = z.strictObject(passkeyFields).meta({ id: "Passkey" });

const codes = z.array(z.string()).describe("Each is good once. Shown this once.");
const firstCodes = codes.nullable().describe("With the first second factor; null: those there are stay.");

const secondFactors = z
  .strictObject({
    available: z.boolean().describe("False: the person signs in at an identity provider, where second factors are."),
    totp: z.strictObject({ created_at: instant }).nullable().describe("The authenticator app; null: none."),
    recovery_codes: count.describe("How many are left."),
    passkeys: z.array(passkey),
    confirmed_until: instant.describe("From then on changes are a 403 `confirmation_required` until one confirms."),
  })
  .meta({ id: "SecondFactors" });

export const secondFactorOperations = group({
  tag: "Second factors",
  about:
    "One's own authenticator app, recovery codes and passkeys. Changes want that one has signed in, or confirmed that it is oneself, in the last five minutes.",
  pathId: "pky",
  operations: {
    "GET /api/me/second-factors": {
      id: "getSecondFactors",
      summary: "Get one's second factors",
      answers: { 200: secondFactors },
    },
    "POST /api/me/confirm": {
      id: "confirmByPassword",
      summary: "Confirm by one's password that it is oneself",
      answers: { 204: null },
      errors: [409, 429],
    },
    "POST /api/me/confirm/passkey": {
      id: "confirmByPasskey",
      summary: "Confirm by a passkey that it is oneself",
      description: "Its options are those of `POST /api/session/passkey/options`.",
      answers: { 204: null },
    },
    "POST /api/me/totp": {
      id: "beginTotp",
      summary: "Begin to set up an authenticator app",
      description: "Nothing is stored before it is confirmed. Sets a cookie of five minutes.",
      answers: {
        200: z
          .strictObject({
            secret: z.string().describe("In base32. Shown this once."),
            url: z.string().describe("`otpauth://totp/…`, for a QR code."),
            expires_at: instant,
          })
          .meta({ id: "TotpSetup" }),
      },
      errors: [409],
    },
    "POST /api/me/totp/confirm": {
      id: "confirmTotp",
      summary: "Set up an authenticator app by a code of it",
      answers: { 201: z.strictObject({ recovery_codes: firstCodes }).meta({ id: "TotpConfirmed" }) },
      errors: [409],
    },
    "DELETE /api/me/totp": {
      id: "removeTotp",
      summary: "Remove one's authenticator app",
      answers: { 204: null },
      errors: [404, 409],
    },
    "POST /api/me/recovery-codes": {
      id: "replaceRecoveryCodes",
      summary: "Make new recovery codes",
      description: "Those there were are worth nothing any more.",
      answers: { 201: z.strictObject({ recovery_codes: codes }).meta({ id: "RecoveryCodes" }) },
      errors: [409],
    },
    "POST /api/me/passkeys/options": {
      id: "beginPasskeyCreation",
      summary: "Begin to make a passkey",
      description: "Sets a cookie of five minutes that the answer of the authenticator must come with.",
      answers: { 200: creationOptions },
      errors: [409],
    },
    "POST /api/me/passkeys": {
      id: "addPasskey",
      summary: "Add a passkey",
      answers: { 201: z.strictObject({ ...passkeyFields, recovery_codes: firstCodes }).meta({ id: "NewPasskey" }) },
      errors: [409],
    },
    "PATCH /api/me/passkeys/:id": { id: "renamePasskey", summary: "Rename a passkey", answers: { 200: passkey } },
    "DELETE /api/me/passkeys/:id": {
      id: "removePasskey",
      summary: "Remove a passkey",
      answers: { 204: null },
      errors: [409],
    },
  },
});
