import { createEffect, createSignal, on, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions } from "../../ui/dialog.tsx";
import { say } from "../../ui/toast.tsx";
import { bare, useKeyCache } from "./key-cache.ts";
import { changesOf, draftOfKey } from "./key-draft.ts";
import type { ChangedKey } from "./key-query.ts";
import { AdvancedTerms, MainTerms, TERM_FIELDS } from "./key-terms.tsx";

/** A key's terms, to be changed. When somebody else has changed it meanwhile, both versions are shown, and one is chosen. */
export function EditKey(props: { apiKey: ChangedKey }) {
  const cache = useKeyCache();
  const form = createForm();
  const [start, setStart] = createSignal(draftOfKey(props.apiKey));
  const [version, setVersion] = createSignal(props.apiKey.version);
  const [draft, setDraft] = createStore(draftOfKey(props.apiKey));
  const [theirs, setTheirs] = createSignal<ChangedKey | null>(null);
  const changes = () => changesOf(start(), { ...draft });

  const begin = (key: ChangedKey) => {
    setStart(draftOfKey(key));
    setVersion(key.version);
    setDraft(draftOfKey(key));
  };
  // Disabled or rotated beside this form: what is not written over follows.
  createEffect(
    on(
      () => props.apiKey.version,
      () => {
        if (Object.keys(changes()).length === 0) begin(props.apiKey);
      },
      { defer: true },
    ),
  );
  const save = async (against: number) => {
    const id = props.apiKey.id;
    const done = await form.send(async () => {
      const answer = bare(await ask(api.keys[":id"].$patch({ param: { id }, json: changes() }, ifVersion(against))));
      cache.show(answer);
      begin(answer);
    });
    if (done) {
      say(t("keys.saved", { name: draft.name }));
      void cache.reread();
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => {
        const { figures: _figures, ...now } = await ask(api.keys[":id"].$get({ param: { id }, query: {} }));
        setTheirs(now);
      });
    }
  };
  const fields = () => {
    const [mine, other] = [changes(), theirs()];
    return Object.entries(mine).map(([name, yours]) => ({
      name: t(`keys.fields.${name as keyof typeof mine}`),
      yours,
      theirs: other?.[name as keyof ChangedKey],
    }));
  };

  return (
    <form
      class="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save(version());
      }}
    >
      <MainTerms draft={draft} onChange={setDraft} form={form} />
      <AdvancedTerms draft={draft} onChange={setDraft} form={form} />
      <FormFailure form={form} fields={TERM_FIELDS} />
      <Actions>
        <Show when={Object.keys(changes()).length > 0}>
          <Button look="plain" onClick={() => setDraft(start())}>
            {t("common.discard")}
          </Button>
        </Show>
        <Button look="primary" type="submit" disabled={form.busy() || Object.keys(changes()).length === 0}>
          {form.busy() ? t("common.saving") : t("common.save")}
        </Button>
      </Actions>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={fields()}
        onClose={() => setTheirs(null)}
        onTake={() => {
          const now = theirs();
          if (now) {
            cache.show(now);
            begin(now);
          }
          setTheirs(null);
        }}
        onOverwrite={() => {
          const now = theirs();
          setTheirs(null);
          if (now) void save(now.version);
        }}
      />
    </form>
  );
}
