import type { texts as english } from "../en/start.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "Start",
};
