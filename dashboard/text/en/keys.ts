/** The page of keys. */
export const texts = {
  title: "Keys",
} as const;
