import { type InfiniteData, useQueryClient } from "@tanstack/solid-query";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { alertNow } from "../../state/announce.ts";
import { t } from "../../text/text.ts";
import { say } from "../../ui/toast.tsx";
import type { ModelRow } from "./model-query.ts";

/** Enables or disables models for an organization and those below; of each what became of it. */
export const switchModels = (organization: string, enable: boolean) => async (models: string[]) => {
  const { results } = await ask(
    api.models.bulk.$post({
      json: {
        action: enable ? "enable" : "disable",
        models,
        ...(organization ? { organization_id: organization } : {}),
      },
    }),
  );
  return results.map(({ id, error }) => ({ id, error: error?.message ?? null }));
};

/** One model's switch: it holds at once, and back for ten seconds. */
export function useSwitch(organization: () => string): (model: string, on: boolean) => void {
  const client = useQueryClient();
  const show = (model: string, on: boolean) =>
    client.setQueriesData<InfiniteData<{ data: ModelRow[] }>>(
      { queryKey: ["models", "list"] },
      (all) =>
        all && {
          ...all,
          pages: all.pages.map((page) => ({
            ...page,
            data: page.data.map((row) => (row.id === model ? { ...row, enabled: on } : row)),
          })),
        },
    );
  const turn = async (model: string, on: boolean, undoable: boolean): Promise<void> => {
    show(model, on);
    try {
      const [result] = await switchModels(organization(), on)([model]);
      if (result?.error) throw new Error(result.error);
      say(
        t(on ? "models.isEnabled" : "models.isDisabled", { model }),
        undoable ? () => void turn(model, !on, false) : undefined,
      );
    } catch (thrown) {
      show(model, !on);
      const words = thrown instanceof Error ? thrown.message : asFailure(thrown).message;
      alertNow(words);
      say(words);
    }
    void client.invalidateQueries({ queryKey: ["models", "one"] });
  };
  return (model, on) => void turn(model, on, true);
}
