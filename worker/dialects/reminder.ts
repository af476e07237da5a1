import type { Losses } from "../canonical/losses.ts";
import type { Message } from "../canonical/message.ts";

/** Instructions in the middle of a conversation, for a model that takes none there: marked, at the same place. */
export const asReminder = (text: string): string => `<system-reminder>\n${text}\n</system-reminder>`;

/** Names what of such instructions is no text. */
export function nameOthers({ parts }: Message, losses: Losses): void {
  for (const part of parts) if (part.type !== "text") losses.add("part_dropped", part.source?.path ?? "messages");
}
