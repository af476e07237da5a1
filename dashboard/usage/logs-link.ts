import type { Scope } from "../state/scope.ts";
import { carriedSearch } from "../state/scope.ts";
import type { MetricId } from "./metrics.ts";

/** How requests end that count as errors. */
const FAILED = ["provider_error", "stream_error", "timeout", "expired"];

/**
 * Where the log shows the requests behind a figure: the same period and filters, narrowed by one more. A period is always
 * named, for pages begin with different ones.
 */
export function logsLink(
  search: string,
  scope: Pick<Scope, "from" | "to">,
  narrow: { filter?: readonly [name: string, value: string] | null; metric?: MetricId } = {},
): string {
  const params = new URLSearchParams(carriedSearch(search));
  params.delete("cmp");
  params.set("from", scope.from());
  if (scope.to()) params.set("to", scope.to());
  if (narrow.filter) params.set(...(narrow.filter as [string, string]));
  if (narrow.metric === "errors" || narrow.metric === "error_rate") {
    params.delete("outcome");
    for (const outcome of FAILED) params.append("outcome", outcome);
  }
  return `/logs?${params}`;
}
