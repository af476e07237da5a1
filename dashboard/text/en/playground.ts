/** The page of playground. */
export const texts = {
  title: "Playground",
} as const;
