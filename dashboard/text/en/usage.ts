/** The page of usage. */
export const texts = {
  title: "Usage",
} as const;
