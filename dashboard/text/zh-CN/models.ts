import type { texts as english } from "../en/models.ts";
import type { Same } from "../keys.ts";

export const texts: Same<typeof english> = {
  title: "Models",
};
