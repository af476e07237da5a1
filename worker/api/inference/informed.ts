import { knownModel } from "../../catalog/model-facts.ts";
import type { Target } from "../../router/resolve.ts";
import type { Candidate } from "../../router/targets.ts";
import type { Asked } from "./attempt.ts";

type Knowing = Pick<Asked, "services" | "key">;

/** A target's model as it is sent upstream, `provider/model`. */
export const modelOf = ({ provider, upstreamModel }: Pick<Target, "provider" | "upstreamModel">): string =>
  `${provider.id}/${upstreamModel}`;

/** What the tenant knows of a target's model beside the catalogue, as far as this isolate was told; null: nothing. */
export const factsOf = ({ services, key }: Knowing, target: Target) =>
  services.tenantModels.get(key.rootId, modelOf(target));

/** A candidate with what the tenant knows of its model: what it can do, its limits, the day it ends. */
export function informed(knowing: Knowing, candidate: Candidate): Candidate {
  const { target } = candidate;
  const model = knownModel(modelOf(target), factsOf(knowing, target)?.facts ?? null);
  return { ...candidate, target: { ...target, model } };
}
