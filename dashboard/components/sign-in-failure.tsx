import type { ApiFailure } from "../api/failure.ts";

/** Why a sign-in was refused, over its fields: its two lines are there before, so that nothing jumps when it comes. */
export const SignInFailure = (props: { failure: ApiFailure | null }) => (
  <p role="alert" class="-mt-4 flex min-h-11 items-end font-medium text-bad">
    {props.failure?.message}
  </p>
);
