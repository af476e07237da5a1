import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { hasPasskeys } from "../../api/has-passkeys.ts";
import { makePasskey } from "../../api/passkey.ts";
import { Confirm } from "../../components/confirm.tsx";
import { exactTime, relativeTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { say } from "../../ui/toast.tsx";
import { NamePasskey } from "./name-passkey.tsx";
import type { createProof } from "./proof.tsx";
import type { PasskeyBody } from "./second-factors-query.ts";

/** One's passkeys: another, another name, or one less. */
export function Passkeys(props: {
  passkeys: PasskeyBody[];
  /** There is another second factor than passkeys. */
  others: boolean;
  proof: ReturnType<typeof createProof>;
  /** Recovery codes come with the first second factor. */
  onChanged: (codes?: string[] | null) => void;
}) {
  const [adding, setAdding] = createSignal(false);
  const [renaming, setRenaming] = createSignal<PasskeyBody | null>(null);
  const [removing, setRemoving] = createSignal<PasskeyBody | null>(null);

  const add = (name: string) =>
    props.proof.act(async () => {
      const credential = await makePasskey();
      const made = await ask(api.me.passkeys.$post({ json: { name, credential } }));
      props.onChanged(made.recovery_codes);
      say(t("account.factors.passkeyAdded", { name }));
    });
  const rename = async (name: string) => {
    const id = renaming()?.id ?? "";
    await ask(api.me.passkeys[":id"].$patch({ param: { id }, json: { name } }));
    props.onChanged();
  };
  const remove = () => {
    const { id = "", name = "" } = removing() ?? {};
    return props.proof.act(async () => {
      await ask(api.me.passkeys[":id"].$delete({ param: { id } }));
      props.onChanged();
      say(t("account.factors.passkeyRemoved", { name }));
    });
  };

  return (
    <>
      <div class="mt-6 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h3 class="caps">{t("account.factors.passkeys")}</h3>
        <Show
          when={hasPasskeys()}
          fallback={<span class="text-meta text-ink-3">{t("account.factors.noBrowser")}</span>}
        >
          <Button look="plain" onClick={() => setAdding(true)}>
            {t("account.factors.addPasskey")}
          </Button>
        </Show>
      </div>
      <Show
        when={props.passkeys.length > 0}
        fallback={<p class="mt-2 text-ink-2">{t("account.factors.noPasskeys")}</p>}
      >
        <ul class="mt-2 border-t border-rule">
          <For each={props.passkeys}>
            {(passkey) => (
              <li class="flex min-h-12 flex-wrap items-center gap-x-3 border-b border-rule py-1.5">
                <span class="min-w-40 flex-1">
                  <span class="block break-words">{passkey.name}</span>
                  <Show
                    when={passkey.last_used_at}
                    fallback={<span class="text-meta text-ink-3">{t("account.factors.neverUsed")}</span>}
                  >
                    {(at) => (
                      <time class="text-meta text-ink-3" datetime={at()} title={exactTime(at())}>
                        {t("account.factors.used", { time: relativeTime(at(), Date.now()) })}
                      </time>
                    )}
                  </Show>
                </span>
                <Button look="quiet" onClick={() => setRenaming(passkey)}>
                  {t("account.factors.rename")}
                  <span class="sr-only">{passkey.name}</span>
                </Button>
                <Button look="quiet" onClick={() => setRemoving(passkey)}>
                  {t("account.factors.remove")}
                  <span class="sr-only">{passkey.name}</span>
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <NamePasskey
        name={adding() ? "" : null}
        title={t("account.factors.addPasskey")}
        hint={t("account.factors.addHint")}
        action={t("account.factors.makePasskey")}
        onSend={add}
        onClose={() => setAdding(false)}
      />
      <NamePasskey
        name={renaming()?.name ?? null}
        title={t("account.factors.renameTitle")}
        action={t("common.save")}
        onSend={rename}
        onClose={() => setRenaming(null)}
      />
      <Confirm
        open={removing() !== null}
        onClose={() => setRemoving(null)}
        title={t("account.factors.removePasskey", { name: removing()?.name ?? "" })}
        action={t("account.factors.remove")}
        onConfirm={remove}
      >
        <p>{t("account.factors.removePasskeyBody")}</p>
        <Show when={!props.others && props.passkeys.length === 1}>
          <p>{t("account.factors.removeLast")}</p>
        </Show>
      </Confirm>
    </>
  );
}
