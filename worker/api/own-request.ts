import { GatewayError, StorageError } from "../errors.ts";
import { isUlid } from "../lib/ulid.ts";
import { getRequest } from "../usage/requests.ts";
import type { AppContext } from "./context.ts";
import { askAsReader } from "./inference/authenticate.ts";
import { requestDetail } from "./request-body.ts";

/**
 * `GET /v1/requests/{id}`: one of the key's own requests, by the `x-request-id` of its answer. A settled request is there when
 * its Ledger has written it to Postgres, a second or two later. Needs `read`.
 */
export async function ownRequest(c: AppContext): Promise<Response> {
  const services = c.get("services");
  const { principal } = await askAsReader(services, c.req.raw, (ledger, presented, from) =>
    ledger.authenticate(presented, from),
  );
  const id = c.req.param("id") ?? "";
  if (!isUlid(id)) {
    throw new GatewayError("invalid_id", "This is not a request's id: one is a ULID, as `x-request-id` has it.", {
      param: "id",
    });
  }
  const found = await getRequest(services.database, principal.rootId, id).catch((cause: unknown) => {
    if (!(cause instanceof StorageError) || !cause.transient) throw cause;
    throw new GatewayError("database_unavailable", "The database cannot be reached. Try again in a moment.", {
      retryAfter: 1,
      cause,
    });
  });
  if (found?.request.keyId !== principal.keyId) {
    throw new GatewayError("not_found", "There is no such request of this key, or it is not written yet.");
  }
  return c.json(requestDetail(found));
}
