import type { SecondStep as Step } from "../api/sign-in.ts";

/** The second step of a sign-in with its form, which is read in when somebody needs it. */
export const laterStep = async (step: Step) => ({ step, Form: (await import("./second-step.tsx")).SecondStep });

export type LaterStep = Awaited<ReturnType<typeof laterStep>>;
