/** The page of sessions. */
export const texts = {
  title: "Sessions",
} as const;
