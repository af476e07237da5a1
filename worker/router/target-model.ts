import type { Effort } from "../canonical/request.ts";
import type { ReasoningKnobs, TargetModel } from "../canonical/target-model.ts";
import type { CatalogModel, ModelCapabilities } from "../catalog/models.ts";
import type { ProviderSettings } from "../providers/connection.ts";
import type { Target } from "./resolve.ts";

/** What the catalogue and the provider's own data say about a model, as encoders need it. */
export function targetModelOf(target: Target, settings: ProviderSettings): TargetModel {
  const { provider, model, upstreamModel } = target;
  const capabilities = model?.capabilities ?? {};
  return {
    name: upstreamModel,
    owner: provider.owner,
    files: provider.files,
    reasoning: knobsOf(capabilities),
    quirks: new Set(provider.quirks),
    anthropicVersion: settings.anthropicVersion,
    ...known(model, capabilities),
    ...(provider.takesSystemMessages === undefined
      ? {}
      : { systemAnywhere: provider.takesSystemMessages(upstreamModel) }),
  };
}

/** Unknown stays absent. */
function known(model: CatalogModel | null, capabilities: ModelCapabilities): Partial<TargetModel> {
  const { samplingParams, forcedToolChoice, prefill, structuredOutput, promptCaching } = capabilities;
  const explicit = promptCaching === "explicit" || promptCaching === "both";
  return {
    ...(model?.maxOutputTokens === undefined ? {} : { maxOutputTokens: model.maxOutputTokens }),
    ...(samplingParams === undefined ? {} : { sampling: samplingParams }),
    ...(forcedToolChoice === undefined ? {} : { forcedToolChoice }),
    ...(prefill === undefined ? {} : { prefill }),
    ...(structuredOutput === undefined ? {} : { structuredOutput }),
    ...(promptCaching === undefined ? {} : { explicitCache: explicit }),
    ...(model === null ? {} : { inputs: model.inputModalities }),
  };
}

/** The catalogue's words for how reasoning is steered, e.g. `budget:0,512-24576`, `effort:low,medium,high`. */
function knobsOf({ reasoning, reasoningKnobs }: ModelCapabilities): ReasoningKnobs {
  const knobs: ReasoningKnobs = reasoning === undefined ? {} : { support: reasoning };
  for (const knob of reasoningKnobs ?? []) {
    const [name = "", values = ""] = knob.split(":");
    switch (name) {
      case "adaptive":
        knobs.adaptive = true;
        break;
      case "between_tools":
        knobs.betweenTools = true;
        break;
      case "disabled":
        knobs.disabled = true;
        break;
      case "budget":
        knobs.budget = budgetOf(values);
        break;
      case "effort":
        knobs.efforts = values.split(",") as Effort[];
        break;
      case "level":
        knobs.levels = values.split(",");
        break;
      default:
        break;
    }
  }
  return knobs;
}

/** `128-32768`, or `0,512-24576`: nothing at all, or that much. */
function budgetOf(values: string): { least: number; most: number; from?: number } {
  const numbers = values.split(/[,-]/).map(Number);
  const from = numbers.length === 3 ? numbers[1] : undefined;
  return { least: Math.min(...numbers), most: Math.max(...numbers), ...(from === undefined ? {} : { from }) };
}
