/** The page of settings. */
export const texts = {
  title: "Settings",
} as const;
