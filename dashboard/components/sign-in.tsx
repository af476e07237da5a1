import { createSignal, type JSX, Show } from "solid-js";
import { type ApiFailure, asFailure } from "../api/failure.ts";
import { hasPasskeys } from "../api/has-passkeys.ts";
import { type SecondStep as Step, signIn, signInByPasskey } from "../api/sign-in.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { type LaterStep, laterStep } from "./later-step.ts";
import { SignInForm } from "./sign-in-form.tsx";

/** Signing in, from the password or a passkey to the session. `children`: other ways, beside the first step. */
export function SignIn(props: {
  email?: string;
  /** Of another way. */
  failure?: ApiFailure | null;
  onSignedIn: () => void;
  children?: JSX.Element;
}) {
  const [step, setStep] = createSignal<LaterStep | null>(null);
  const [failure, setFailure] = createSignal<ApiFailure | null>(null);
  const [busy, setBusy] = createSignal(false);

  const attempt = async (asked: () => Promise<Step | null>) => {
    setFailure(null);
    setBusy(true);
    try {
      const next = await asked();
      if (next) setStep(await laterStep(next));
      else props.onSignedIn();
    } catch (thrown) {
      setFailure(asFailure(thrown));
    } finally {
      setBusy(false);
    }
  };
  const byPasskey = () => attempt(() => signInByPasskey().then(() => null));

  return (
    <Show
      when={step()}
      fallback={
        <>
          <SignInForm
            {...(props.email === undefined ? {} : { email: props.email })}
            failure={failure() ?? props.failure ?? null}
            onSubmit={(email, password) => attempt(() => signIn(email, password))}
          />
          <Show when={hasPasskeys()}>
            <Button look="plain" class="mt-4 min-h-10 w-full" disabled={busy()} onClick={() => void byPasskey()}>
              {t("signIn.passkey.action")}
            </Button>
          </Show>
          {props.children}
        </>
      }
    >
      {(known) => {
        const { Form, step } = known();
        return <Form step={step} onSignedIn={() => props.onSignedIn()} onBack={() => setStep(null)} />;
      }}
    </Show>
  );
}
