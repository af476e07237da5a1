/** The page of overview. */
export const texts = {
  title: "Overview",
} as const;
