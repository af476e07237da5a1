import type { InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

type ApiKey = InferResponseType<(typeof api.keys)[":id"]["$get"], 200>;

/** What the gateway answers every request with that comes with this key, whatever it asks for; null: nothing speaks against it. */
export function refusalOf(
  key: Pick<ApiKey, "status" | "permissions" | "organization_archived">,
): { status: number; code: string } | null {
  if (key.status === "revoked") return { status: 401, code: "invalid_api_key" };
  if (key.status === "disabled") return { status: 401, code: "key_disabled" };
  if (key.status === "expired") return { status: 401, code: "key_expired" };
  if (!key.permissions.includes("write")) return { status: 403, code: "permission_denied" };
  if (key.organization_archived) return { status: 403, code: "organization_archived" };
  return null;
}

/** What a key is bound to besides: others than these are refused. */
export const boundsOf = ({ models, ip_ranges, origins }: Pick<ApiKey, "models" | "ip_ranges" | "origins">) =>
  [
    ["models", models],
    ["addresses", ip_ranges],
    ["origins", origins],
  ].flatMap(([name, values]) =>
    values === null ? [] : [{ name: name as "models" | "addresses" | "origins", values: values as string[] }],
  );
