/** The page of members. */
export const texts = {
  title: "Members",
} as const;
