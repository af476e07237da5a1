import type { NamedModel } from "../../ledger/contract.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ProviderSettings } from "../../providers/connection.ts";
import { resolveTarget } from "../../router/resolve.ts";
import type { Wanted } from "./fallbacks.ts";

/** What the name stands for without a route, as `provider/model`; null: nothing. */
function meaningOf(name: string, settings: ProviderSettings): string | null {
  try {
    const { provider, upstreamModel } = resolveTarget(name, settings);
    return `${provider.id}/${upstreamModel}`;
  } catch {
    return null;
  }
}

/**
 * Every model that a request names, as a key's allow-list is held against them: the one it asks for, and what the client
 * wants in its place. OpenRouter reads such a list itself (`models`), in its own names.
 */
export function namedModels({ model, fallbacks, body }: Wanted, settings: ProviderSettings): NamedModel[] {
  const own = [{ name: model, param: "model" }, ...fallbacks].map(({ name, param }) => ({
    ...{ name, param, meaning: meaningOf(name, settings) },
  }));
  return [...own, ...readByOpenRouter(body.body)];
}

function readByOpenRouter({ models }: JsonObject): NamedModel[] {
  if (!Array.isArray(models)) return [];
  return models.map((name: unknown, at) => {
    const meaning = `openrouter/${String(name)}`;
    return { name: meaning, meaning, param: `models[${at}]` };
  });
}
