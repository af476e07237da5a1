import { type Accessor, createSignal } from "solid-js";
import { askToSignIn } from "../api/client.ts";
import { type ApiFailure, asFailure } from "../api/failure.ts";

export interface Form {
  busy: Accessor<boolean>;
  /** Why the gateway refused; null when it did not, or has not been asked. */
  failure: Accessor<ApiFailure | null>;
  /** What is wrong with a field or an entry of it, by the API's name (`models`, of which `models[2]` may be wrong). */
  errorOf(field: string): string | null;
  /** Sends; what was written stays where the gateway refuses. Resolves with whether it was taken. */
  send(ask: () => Promise<unknown>): Promise<boolean>;
  forget(): void;
}

/**
 * A form that the API checks: its own schema is the one that decides, and its answer names the field. The field that is
 * wrong gets the focus.
 */
export function createForm(): Form {
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<ApiFailure | null>(null);
  return {
    busy,
    failure,
    errorOf(field) {
      const known = failure();
      const param = known?.param ?? "";
      return known && (param === field || param.startsWith(`${field}[`)) ? known.message : null;
    },
    async send(ask) {
      if (busy()) return false;
      setBusy(true);
      setFailure(null);
      try {
        await ask();
        return true;
      } catch (thrown) {
        setFailure(asFailure(thrown));
        if (asFailure(thrown).kind === "signed_out") askToSignIn();
        queueMicrotask(() => {
          const wrong = document.querySelector<HTMLElement>('[aria-invalid="true"]');
          wrong?.closest("details")?.setAttribute("open", "");
          wrong?.focus();
        });
        return false;
      } finally {
        setBusy(false);
      }
    },
    forget: () => setFailure(null),
  };
}
