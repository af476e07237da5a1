import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { STEP_SECONDS, type StepPurpose } from "../../auth/kept-step.ts";
import type { AdminContext } from "./context.ts";

/** One for each purpose: somebody who types a code may take a passkey instead, and still come back to the code. */
const cookieOf = (purpose: StepPurpose): string => `__Host-gaia-${purpose}`;

/** Has the browser keep what the next step needs, where no script reads it. */
export const sendStep = (context: AdminContext, purpose: StepPurpose, token: string): void =>
  setCookie(context, cookieOf(purpose), token, {
    ...{ httpOnly: true, secure: true, sameSite: "Strict", path: "/", maxAge: STEP_SECONDS },
  });

/** What the browser kept; "" for nothing. */
export const keptStep = (context: AdminContext, purpose: StepPurpose): string =>
  getCookie(context, cookieOf(purpose)) ?? "";

/** The browser need not keep it any more. */
export const dropStep = (context: AdminContext, purpose: StepPurpose): void =>
  void deleteCookie(context, cookieOf(purpose), { path: "/", secure: true });
