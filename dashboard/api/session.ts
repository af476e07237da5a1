import { type Accessor, createSignal } from "solid-js";
import * as api from "./client.ts";
import { type ApiFailure, asFailure } from "./failure.ts";

/** `checking` until the gateway has said who is signed in; `unknown` when it could not say. */
export type SessionState =
  | { name: "checking" }
  | { name: "out"; notice: string | null }
  | { name: "in"; session: api.Session }
  | { name: "unknown"; failure: ApiFailure };

export interface SessionControl {
  state: Accessor<SessionState>;
  check(): Promise<void>;
  /** Throws an `ApiFailure` when refused. */
  signIn(email: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  /** The gateway no longer knows us. */
  ended(): void;
}

/**
 * That a session was begun in this browser. The cookie itself cannot be seen from here; without this mark a visitor who
 * never signed in would be answered 401 on every visit.
 */
const MARK = "signed-in";
const marked = (): boolean => localStorage.getItem(MARK) !== null;

export function createSession(): SessionControl {
  const [state, setState] = createSignal<SessionState>(marked() ? { name: "checking" } : { name: "out", notice: null });
  const leave = (notice: string | null): void => {
    localStorage.removeItem(MARK);
    setState({ name: "out", notice });
  };

  const control: SessionControl = {
    state,
    async check() {
      if (!marked()) return;
      setState({ name: "checking" });
      try {
        setState({ name: "in", session: await api.readSession() });
      } catch (thrown) {
        const failure = asFailure(thrown);
        if (failure.kind === "signed_out") leave(null);
        else setState({ name: "unknown", failure });
      }
    },
    async signIn(email, password) {
      const session = await api.signIn(email, password);
      localStorage.setItem(MARK, "1");
      setState({ name: "in", session });
    },
    async signOut() {
      try {
        await api.signOut();
      } catch (thrown) {
        if (asFailure(thrown).kind !== "signed_out") throw thrown;
      }
      leave(null);
    },
    ended: () => leave("Your session has ended. Sign in again to go on."),
  };
  void control.check();
  return control;
}
