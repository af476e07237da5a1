import { hc, type InferResponseType } from "hono/client";
import type { AdminApi } from "../../worker/api/admin/api.ts";
import { ApiFailure, failureOf } from "./failure.ts";

/** No script of another site can send this header, which is how the API knows a change to be ours. */
const client = hc<AdminApi>("/", { headers: { "x-gaia-csrf": "1" } });

const { session, requests } = client.api;

/** Who is signed in, and until when. */
export type Session = InferResponseType<typeof session.$get>;
/** A request as the list shows it. */
export type RequestRow = InferResponseType<typeof requests.$get>["data"][number];
/** A request with the provider's own usage figures and every revision. */
export type RequestDetail = InferResponseType<(typeof requests)[":id"]["$get"]>;
export type RequestPage = InferResponseType<typeof requests.$get>;

/** The answer, or an `ApiFailure` thrown: whatever goes wrong on the way has one shape for the page. */
async function answerOf<R extends Response>(asked: Promise<R>): Promise<R> {
  const response = await asked.catch((cause: unknown) => {
    throw new ApiFailure({ kind: "gateway_away", message: "The gateway does not answer.", cause });
  });
  if (!response.ok) throw await failureOf(response);
  return response;
}

export const signIn = async (email: string, password: string): Promise<Session> =>
  (await answerOf(session.$post({ json: { email, password } }))).json();

export const readSession = async (): Promise<Session> => (await answerOf(session.$get())).json();

export const signOut = async (): Promise<void> => void (await answerOf(session.$delete()));

/** The latest requests, newest first. */
export const latestRequests = async (limit: number, signal: AbortSignal): Promise<RequestPage> =>
  (await answerOf(requests.$get({ query: { limit: String(limit) } }, { init: { signal } }))).json();

export const readRequest = async (id: string): Promise<RequestDetail> =>
  (await answerOf(requests[":id"].$get({ param: { id } }))).json();
