/** Instructions in the middle of a conversation, for a model that takes none there: marked, at the same place. */
export const asReminder = (text: string): string => `<system-reminder>\n${text}\n</system-reminder>`;
