import type { ModelFacts } from "../../catalog/model-facts.ts";
import { isObject } from "../../lib/json.ts";
import type { ModelList, ObservedModel } from "./model-list.ts";
import { dayAt, dayOfSeconds, known, nameAt } from "./read-values.ts";

/** OpenAI's list, and that of hosts that follow it: names and days, in one page. */
export const openaiList: ModelList = {
  path: () => "/models",
  read(page) {
    if (!isObject(page) || !Array.isArray(page.data)) return null;
    return { models: page.data.flatMap(read), next: null };
  },
};

function read(entry: unknown): ObservedModel[] {
  const upstreamId = isObject(entry) ? nameAt(entry, "id") : null;
  if (!isObject(entry) || upstreamId === null) return [];
  const facts = known<ModelFacts>({
    ...{ kind: upstreamId.includes("embedding") ? ("embedding" as const) : undefined },
    releaseDate: dayOfSeconds(entry, "created"),
    deprecationDate: dayAt(entry, "shutdown_date"),
  });
  return [{ upstreamId, facts }];
}
