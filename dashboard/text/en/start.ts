/** The page of start. */
export const texts = {
  title: "Start",
} as const;
