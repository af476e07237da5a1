import type { InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

export type RefusedRow = InferResponseType<typeof api.refusals.$get>["data"][number];

/** Why, in the words of the API's codes. */
export const reason = ({ error_code: code }: Pick<RefusedRow, "error_code">): string => code.replaceAll("_", " ");
