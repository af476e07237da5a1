/** The page of account. */
export const texts = {
  title: "Account",
} as const;
