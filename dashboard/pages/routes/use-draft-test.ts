import { createSignal } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { ApiFailure, asFailure } from "../../api/failure.ts";
import type { RouteDraft, RouteTerms } from "./route-draft.ts";

/** Where the draft stands in what is sent. */
const WITHIN = "draft.";

/** What is wrong with a draft, under the names that its fields have where it is saved. */
function ofDraft(thrown: unknown): ApiFailure {
  const failure = asFailure(thrown);
  const { param } = failure;
  if (!param?.startsWith(WITHIN)) return failure;
  const own = param.slice(WITHIN.length);
  const message = failure.message.replaceAll(param, own);
  return new ApiFailure({ ...failure, message, param: own, cause: failure.cause });
}

/**
 * Checks a draft by the API's own schema, and tells where a request would go by it; nothing is stored or sent. Throws an
 * ApiFailure that names the field. Answers to an earlier draft are left.
 */
export function createDraftTest() {
  let newest = 0;
  const [found, setFound] = createSignal<Awaited<ReturnType<typeof tryDraft>> | null>(null);
  return {
    found,
    forget: () => {
      newest++;
      setFound(null);
    },
    async run(draft: Pick<RouteDraft, "organization" | "name">, terms: RouteTerms): Promise<void> {
      const mine = ++newest;
      const answer = await tryDraft(draft, terms);
      if (mine === newest) setFound(answer);
    },
  };
}

async function tryDraft({ organization, name }: Pick<RouteDraft, "organization" | "name">, draft: RouteTerms) {
  const json = { organization_id: organization, model: name.trim() || "draft", draft };
  return ask(api.routes["dry-run"].$post({ json })).catch((thrown: unknown) => {
    throw ofDraft(thrown);
  });
}
