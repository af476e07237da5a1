import type { texts as english } from "../en/members.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "Members",
};
