import type { Database } from "../../../drizzle/client.ts";
import type { Actor } from "../../organizations/actor.ts";
import { type Names, readNames, type Unnamed } from "../../organizations/names.ts";
import type { RequestRecord } from "../../usage/requests.ts";
import { requestBody } from "../request-body.ts";

type Named = Pick<RequestRecord, "organizationId" | "keyId" | "routeId">;

/** What some requests have ids of. */
export const idsOfRequests = (rows: readonly Named[]): Unnamed => ({
  organizations: rows.map(({ organizationId }) => organizationId),
  keys: rows.map(({ keyId }) => keyId),
  routes: rows.flatMap(({ routeId }) => routeId ?? []),
});

/** The names of these, in one statement. */
export const namesOfRequests = (database: Database, actor: Actor, rows: readonly Named[]): Promise<Names> =>
  readNames(database, actor, idsOfRequests(rows));

/** What a key and its organization are called, and whose it is. All is null of what is gone, and of what the reader may not see. */
export function keyNames({ organizationId, keyId }: Omit<Named, "routeId">, names: Names) {
  const member = names.owner(keyId);
  return {
    organization_name: names.of("organizations", organizationId),
    key_name: names.of("keys", keyId),
    /** Whose key it is. */
    member_id: member,
    member_name: names.of("members", member),
    member_email: names.email(member),
  };
}

/** What a request's ids are called. */
export const requestNames = (row: Named, names: Names) => ({
  ...keyNames(row, names),
  route_name: names.of("routes", row.routeId),
});

/** A request as lists of the management API show it. */
export const namedRequest = (row: RequestRecord, names: Names) => ({
  ...requestBody(row),
  ...requestNames(row, names),
});

type NamedRequest = ReturnType<typeof namedRequest>;

/** Only these of its fields, all where none are named. By its type it has all: who names some knows which. */
export const someFields = (body: NamedRequest, fields: readonly (keyof NamedRequest)[] | undefined): NamedRequest =>
  fields === undefined ? body : (Object.fromEntries(fields.map((name) => [name, body[name]])) as NamedRequest);
