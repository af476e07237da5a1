/** The page of logs. */
export const texts = {
  title: "Logs",
} as const;
