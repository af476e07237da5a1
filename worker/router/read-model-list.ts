import { parseJsonBytes } from "../lib/json.ts";
import type { Connection } from "../providers/connection.ts";
import type { ObservedModel } from "../providers/model-lists/model-list.ts";
import { modelLists } from "../providers/model-lists/registry.ts";
import type { Provider } from "../providers/provider.ts";
import { readWhole } from "./read-whole.ts";

/** What a provider's list says, or in a stable word why nobody knows. */
export type ReadList = { ok: true; models: ObservedModel[] } | { ok: false; failure: ListFailure };

/** `http_404`: the provider's own refusal. */
export type ListFailure =
  | "unreachable"
  | "timeout"
  | "redirect"
  | "too_large"
  | "malformed"
  | "empty"
  | `http_${number}`;

/** OpenRouter's page has 2 MB; none is ten times as long. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_PAGES = 20;
const MOST_MODELS = 5_000;
/** Milliseconds for all pages of a list. */
const DEADLINE = 30_000;

/**
 * Reads a provider's list of models, page by page, within bounds of time and size. Redirects are not followed: they could
 * carry the credential elsewhere. An empty list is a failure: no provider has nothing. Never throws.
 */
export async function readModelList(
  provider: Provider,
  connection: Connection,
  deadline: number = DEADLINE,
): Promise<ReadList> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), deadline);
  const models = new Map<string, ObservedModel>();
  try {
    let next: string | null = null;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer: Page = await readPage(provider, connection, next, controller.signal);
      if (!answer.ok) return answer;
      for (const model of answer.models) models.set(model.upstreamId, model);
      if (models.size > MOST_MODELS) return { ok: false, failure: "too_large" };
      if (answer.next === null) {
        return models.size === 0 ? { ok: false, failure: "empty" } : { ok: true, models: [...models.values()] };
      }
      next = answer.next;
    }
    return { ok: false, failure: "too_large" };
  } catch {
    return { ok: false, failure: controller.signal.aborted ? "timeout" : "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

type Page = { ok: true; models: ObservedModel[]; next: string | null } | { ok: false; failure: ListFailure };

async function readPage(
  provider: Provider,
  { baseUrl, credential }: Connection,
  after: string | null,
  signal: AbortSignal,
): Promise<Page> {
  const list = modelLists[provider.id];
  const response = await fetch(baseUrl + list.path(after), {
    headers: { ...provider.defaultHeaders, ...provider.authorize(credential), accept: "application/json" },
    redirect: "manual",
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    const { status } = response;
    return { ok: false, failure: status >= 300 && status < 400 ? "redirect" : `http_${status}` };
  }
  const bytes =
    response.body === null ? new Uint8Array(0) : await readWhole(response.body, MOST_BYTES, DEADLINE, signal);
  if (bytes === null) return { ok: false, failure: "too_large" };
  const page = list.read(parseJsonBytes(bytes));
  return page === null ? { ok: false, failure: "malformed" } : { ok: true, ...page };
}
