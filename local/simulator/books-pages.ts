import type { IncomingMessage, ServerResponse } from "node:http";
import type { BookEntry, Books } from "./books.ts";
import { decodePercent, sendJson } from "./http.ts";

const LONGEST_WAIT = 30_000;

/** Does the entry fit the query: `provider`, `account`, `model` (exact), `contains` (in the JSON body), `ended`? */
function fits(entry: BookEntry, query: URLSearchParams): boolean {
  const provider = query.get("provider");
  const account = query.get("account");
  const model = query.get("model");
  const contains = query.get("contains");
  if (provider !== null && entry.provider !== provider) return false;
  if (account !== null && entry.account !== account) return false;
  if (model !== null && entry.model !== model) return false;
  if (contains !== null && !JSON.stringify(entry.body).includes(contains)) return false;
  return query.get("ended") !== "true" || entry.endedAt !== null;
}

/**
 * `GET /_simulator/requests` (newest first), `GET /_simulator/requests/{id}`, `DELETE /_simulator/requests`.
 * With `wait=<ms>` a GET that finds fewer than `count` (1) entries answers as soon as there are enough.
 */
export async function serveBooks(
  books: Books,
  forget: () => void,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const query = url.searchParams;
  const id = decodePercent(url.pathname.slice("/_simulator/requests/".length));
  if (request.method === "DELETE") {
    forget();
    response.writeHead(204).end();
    return;
  }
  if (request.method !== "GET") return sendJson(response, 405, { error: "GET or DELETE" });
  const find = (): BookEntry[] =>
    id === ""
      ? books.list().filter((entry) => fits(entry, query))
      : ([books.get(id)].filter((entry) => entry !== undefined && fits(entry, query)) as BookEntry[]);
  const enough = Number(query.get("count") ?? 1);
  const until = Date.now() + Math.min(Number(query.get("wait") ?? 0) || 0, LONGEST_WAIT);
  let found = find();
  while (found.length < enough && Date.now() < until && !response.closed) {
    await books.change(until - Date.now());
    found = find();
  }
  if (id === "") return sendJson(response, 200, { data: found.slice(0, Number(query.get("limit") ?? 100)) });
  const [entry] = found;
  return entry === undefined
    ? sendJson(response, 404, { error: `no such request: ${id}` })
    : sendJson(response, 200, entry);
}
