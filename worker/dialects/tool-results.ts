import type { Losses } from "../canonical/losses.ts";
import type { ToolResultPart } from "../canonical/message.ts";
import { memberPath } from "../canonical/source.ts";

/** OpenAI has no flag for a result that tells a failure: its text is passed on, and the flag is named. */
export function nameFailure({ isError, source }: ToolResultPart, losses: Losses): void {
  if (isError && source !== undefined) losses.add("param_dropped", memberPath(source, "isError"));
}
