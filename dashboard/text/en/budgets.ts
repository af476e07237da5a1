/** The page of budgets. */
export const texts = {
  title: "Budgets",
} as const;
