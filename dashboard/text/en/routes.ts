/** The page of routes. */
export const texts = {
  title: "Routes",
} as const;
