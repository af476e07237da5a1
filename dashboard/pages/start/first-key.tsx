import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { TextField } from "../../ui/field.tsx";

const VALID_DAYS = 90;
const DAY_MS = 86_400_000;

/** What the page is told of a key that was just made: its text is in memory only, and gone with the page. */
export interface MadeKey {
  id: string;
  key: string;
}

/** A key of one's own: made, and shown this once; or the one that was made before. */
export function FirstKey(props: {
  made: MadeKey | null;
  /** The latest of the reader's keys, by its name and what may be shown of it. */
  before: { name: string; hint: string } | undefined;
  onMade: (key: MadeKey) => void;
}) {
  const { account, can } = useAccount();
  const form = createForm();
  const [another, setAnother] = createSignal(false);
  const make = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    await form.send(async () => {
      const expires = new Date(Date.now() + VALID_DAYS * DAY_MS).toISOString();
      const json = { name, organization_id: account().organization.id, expires_at: expires };
      const { id, key } = await ask(api.keys.$post({ json }));
      props.onMade({ id, key });
    });
  };
  return (
    <Show
      when={props.made}
      fallback={
        <Show
          when={!another() && props.before}
          fallback={
            <form class="max-w-lg space-y-3" onSubmit={make}>
              <TextField
                label={t("start.keyName")}
                hint={t("start.limits", { organization: account().organization.name })}
                name="name"
                required
                maxlength={100}
                value={t("start.keyDefault")}
                error={form.errorOf("name")}
              />
              <FormFailure form={form} fields={["name"]} />
              <Button look="primary" type="submit" disabled={form.busy() || !can("own_keys:write")}>
                {t("start.makeKey")}
              </Button>
            </form>
          }
        >
          {(known) => (
            <>
              <p>
                <span class="font-medium">{known().name}</span>{" "}
                <code class="font-mono text-meta break-all text-ink-2">{known().hint}</code>
              </p>
              <p class="mt-1 max-w-prose text-ink-2">{t("start.keyBefore")}</p>
              <Button look="plain" class="mt-3" onClick={() => setAnother(true)}>
                {t("start.anotherKey")}
              </Button>
            </>
          )}
        </Show>
      }
    >
      {(known) => (
        <div role="status">
          <div class="flex items-start gap-2 rounded-panel border border-edge bg-surface p-3">
            <code class="min-w-0 flex-1 font-mono text-table break-all">{known().key}</code>
            <CopyButton text={known().key} what={t("start.yourKey")} />
          </div>
          <p class="mt-2 text-ink-2">{t("start.keyShown")}</p>
        </div>
      )}
    </Show>
  );
}
