import type { InferResponseType } from "hono/client";
import { type Accessor, createMemo } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { type Column, NO_SETTINGS } from "./thread.ts";

export type KnownModel = InferResponseType<typeof api.models.$get>["data"][number];

const MOST_PAGES = 5;

export interface Models {
  /** Chat models that the organization allows, by id. */
  all: Accessor<readonly KnownModel[]>;
  find(id: string): KnownModel | undefined;
}

/** What can be asked, with what each can do. A model that is not known is asked all the same: the gateway decides. */
export function useModels(organization: Accessor<string>): Models {
  const list = useQuery(() => ({
    queryKey: ["models", "chat", organization()],
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const all: KnownModel[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES && (page === 0 || cursor !== null); page++) {
        const query = {
          ...{ kind: "chat" as const, enabled: "true" as const, limit: "200" },
          ...(organization() ? { organization: organization() } : {}),
          ...(cursor === null ? {} : { cursor }),
        };
        const answer: { data: KnownModel[]; next_cursor: string | null } = await ask(
          api.models.$get({ query }, { init: { signal } }),
        );
        all.push(...answer.data);
        cursor = answer.next_cursor;
      }
      return all;
    },
  }));
  const byId = createMemo(() => new Map(list.data?.map((model) => [model.id, model])));
  return {
    all: () => list.data ?? [],
    find: (id) => byId().get(id) ?? list.data?.find((model) => model.upstream_model === id),
  };
}

/** What a model reads; null: not known. */
export const modalitiesOf = (model: KnownModel | undefined): readonly string[] | null =>
  model?.input_modalities ?? null;

/** Whether a model is known to answer with images as well as words. */
export const draws = (model: KnownModel | undefined): boolean =>
  ["text", "image"].every((one) => model?.output_modalities?.includes(one));

/** The efforts of reasoning that a model knows; null where it does not reason, or is not known. */
export function effortsOf(model: KnownModel | undefined): readonly string[] | null {
  const knobs = (model?.capabilities as { reasoning_knobs?: readonly string[] } | undefined)?.reasoning_knobs ?? [];
  const effort = knobs.find((knob) => knob.startsWith("effort:"));
  return effort ? effort.slice("effort:".length).split(",") : null;
}

/** A model that is not there yet, of another provider when there is one. */
export function nextModel(models: Models, columns: readonly Column[]): string {
  const taken = new Set(columns.map(({ model }) => model));
  const providers = new Set(columns.map(({ model }) => model.split("/")[0]));
  const free = models.all().filter(({ id }) => !taken.has(id));
  return (free.find(({ provider }) => !providers.has(provider)) ?? free[0])?.id ?? columns[0]?.model ?? "";
}

/** A column of its own for a model. */
export const columnOf = (model: string): Column => ({ id: crypto.randomUUID(), model, settings: NO_SETTINGS });
