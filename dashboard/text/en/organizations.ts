/** The page of organizations. */
export const texts = {
  title: "Organizations",
} as const;
