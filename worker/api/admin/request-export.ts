import { csvRecord } from "../../lib/csv.ts";
import { Names } from "../../organizations/names.ts";
import type { RequestPage, RequestRecord } from "../../usage/requests.ts";
import { idsOfRequests, namedRequest } from "./named-request.ts";

export const EXPORT_FORMATS = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const CONTENT_TYPES: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  jsonl: "application/x-ndjson; charset=utf-8",
};

/** Requests a query reads. */
export const EXPORT_PAGE = 1_000;
/** Calls of one export for pages and names, of which an invocation may make so many. */
const MOST_CALLS = 900;

type Scalar = string | number | boolean | null;

/** A request in one row: tokens beside the rest, what has parts as JSON. */
function flat(row: RequestRecord, names: Names): Record<string, Scalar> {
  const { tokens, tags, warnings, ...body } = namedRequest(row, names);
  return { ...body, ...tokens, tags: JSON.stringify(tags), warnings: JSON.stringify(warnings) };
}

/** The names of the columns, which an export without a request has as well. */
const EMPTY: RequestRecord = {
  ...{ eventId: "", rootId: "", organizationId: "", keyId: "", sessionId: null, agentId: null, client: null },
  ...{ endUser: null, tags: {}, dialect: "", operation: "", provider: "", simulated: false, requestedModel: "" },
  ...{ upstreamModel: "", servedModel: null, streamed: false, priceVersion: null, routeId: null },
  ...{ startedAt: new Date(0), settledAt: new Date(0), outcome: "ok", status: 0, errorCode: null, attempts: 0 },
  ...{ tries: null, failedCostNano: 0, stopReason: null, inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0 },
  ...{ reasoning: 0, rawUsage: null, exact: true, costNano: 0, listCostNano: null, providerCostNano: null },
  ...{ heldNano: 0, outputCap: null, ttftMs: null, durationMs: 0, upstreamRequestId: null, upstreamDialect: null },
  ...{ warnings: [], uses: null, corrected: false, overBoundNano: 0 },
};

const WRITERS: Record<ExportFormat, { head: string; line(row: RequestRecord, names: Names): string }> = {
  csv: {
    head: csvRecord(Object.keys(flat(EMPTY, new Names()))),
    line: (row, names) => csvRecord(Object.values(flat(row, names))),
  },
  jsonl: { head: "", line: (row, names) => `${JSON.stringify(namedRequest(row, names))}\n` },
};

/** Where an export has its requests from, page by page, and the names of what they have ids of. */
interface ExportSource {
  page(cursor: string | undefined): Promise<RequestPage>;
  /** Adds to the names that are known already. */
  name(requests: RequestPage["requests"], known: Names): Promise<unknown>;
}

/**
 * Requests as text, read page by page as fast as it is taken, so that one page is in memory. An export that fails, or would
 * be longer than 900,000 requests, breaks off: its transfer is not complete.
 */
export function exportRequests(
  format: ExportFormat,
  source: ExportSource,
  report: (cause: unknown) => void,
): ReadableStream<Uint8Array> {
  const { head, line } = WRITERS[format];
  const encoder = new TextEncoder();
  let cursor: string | undefined;
  let calls = 0;
  const call = () => {
    if (++calls > MOST_CALLS) throw new RangeError("an export has more requests than one call can read");
  };
  const names = new Names();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (head !== "") controller.enqueue(encoder.encode(head));
      },
      async pull(controller) {
        try {
          call();
          const { requests, nextCursor } = await source.page(cursor);
          if (names.unasked(idsOfRequests(requests)) !== null) {
            call();
            await source.name(requests, names);
          }
          const text = requests.map((row) => line(row, names)).join("");
          if (text !== "") controller.enqueue(encoder.encode(text));
          if (nextCursor === null) controller.close();
          else cursor = nextCursor;
        } catch (cause) {
          report(cause);
          controller.error(cause);
        }
      },
    },
    { highWaterMark: 1 },
  );
}
