import { loadTexts, t } from "../text/text.ts";
import { api, ask } from "./client.ts";
import { ApiFailure } from "./failure.ts";

/** What went wrong in the browser, in words: it says little on purpose, and in no language of ours. */
async function asked(thrown: unknown): Promise<never> {
  if (!(thrown instanceof DOMException)) throw thrown;
  await loadTexts("signIn");
  const known = thrown.name === "InvalidStateError";
  throw new ApiFailure({ kind: "other", message: t(known ? "signIn.passkey.known" : "signIn.passkey.none") });
}

type Shown = Parameters<typeof api.session.passkey.$post>[0]["json"]["credential"];
type Made = Parameters<typeof api.me.passkeys.$post>[0]["json"]["credential"];

/** Asks the person for a passkey of theirs. Throws an `ApiFailure` where none is given. */
export async function showPasskey(): Promise<Shown> {
  const options = await ask(api.session.passkey.options.$post());
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  const credential = await navigator.credentials.get({ publicKey }).catch(asked);
  return (credential as PublicKeyCredential).toJSON() as Shown;
}

/** Has the person make a passkey for their account. Throws an `ApiFailure` where none is made. */
export async function makePasskey(): Promise<Made> {
  const options = await ask(api.me.passkeys.options.$post());
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  const credential = await navigator.credentials.create({ publicKey }).catch(asked);
  return (credential as PublicKeyCredential).toJSON() as Made;
}
