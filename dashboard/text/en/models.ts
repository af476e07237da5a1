/** The page of models. */
export const texts = {
  title: "Models",
} as const;
