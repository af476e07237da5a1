import type { ProviderId } from "../provider.ts";
import { anthropicList } from "./anthropic.ts";
import { googleList } from "./google.ts";
import type { ModelList } from "./model-list.ts";
import { openaiList } from "./openai.ts";
import { openrouterList } from "./openrouter.ts";

/** How each provider lists its models. */
export const modelLists: Record<ProviderId, ModelList> = {
  openai: openaiList,
  anthropic: anthropicList,
  google: googleList,
  openrouter: openrouterList,
  compatible: openaiList,
};
