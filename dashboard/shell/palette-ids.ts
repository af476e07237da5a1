/** Where an id leads, and what it is called. */
export interface IdPlace {
  kind: "request" | "key" | "organization" | "member" | "route" | "limit";
  id: string;
  path: string;
}

/** Ids of records by what stands before them, the page that shows them, and how many characters they have. */
const RECORDS = {
  key: ["key", "/keys?state=any&id=", 12],
  org: ["organization", "/orgs?id=", 8],
  usr: ["member", "/members?id=", 12],
  rte: ["route", "/routes?id=", 12],
  lim: ["limit", "/budgets?id=", 12],
} as const;

const RECORD = /\b(key|org|usr|rte|lim)_([0-9a-z]+)\b/;
/** A ULID by itself, or as clients see it: `chatcmpl-…`, `resp_…`, `msg_…_0`, `request_id=…`. Nobody's word is so long. */
const REQUEST = /(?:^|[^0-9A-Za-z])([0-7][0-9A-HJKMNP-TV-Z]{25})(?=$|[^0-9A-Za-z])/i;

/**
 * What somebody pasted, if there is an id in it: a request's in any form that an answer, a header, a line of a log or an address
 * has it in, or a record's. A whole API key is none: it belongs in no address.
 */
export function placeOfId(pasted: string): IdPlace | null {
  const request = REQUEST.exec(pasted)?.[1]?.toUpperCase();
  if (request) return { kind: "request", id: request, path: `/logs?id=${request}` };
  const [id, prefix, rest] = RECORD.exec(pasted) ?? [];
  if (id === undefined || rest === undefined) return null;
  const [kind, path, length] = RECORDS[prefix as keyof typeof RECORDS];
  return rest.length === length ? { kind, id, path: `${path}${id}` } : null;
}

/** Whether a text holds a whole API key: it is neither searched for nor shown again. */
export const holdsSecret = (text: string): boolean => /sk-gaia-[0-9A-Za-z_-]{20,}/.test(text);
