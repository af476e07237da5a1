import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { Reveal } from "../../components/reveal.tsx";
import { exactTime, relativeTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Passkeys } from "./passkeys.tsx";
import { createProof, ProofDialog } from "./proof.tsx";
import { type SecondFactorsBody, useSecondFactors } from "./second-factors-query.ts";
import { SetUpTotp, type TotpSetUp } from "./set-up-totp.tsx";

/** Fewer than these are worth a word. */
const FEW_CODES = 4;

/** What one shows beside the password, or instead of it: an authenticator app, recovery codes, passkeys. */
export function SecondFactors() {
  const { query, reread } = useSecondFactors();
  const proof = createProof();
  const [setUp, setSetUp] = createSignal<TotpSetUp | null>(null);
  const [codes, setCodes] = createSignal<string[] | null>(null);
  const [asking, setAsking] = createSignal<"totp" | "codes" | null>(null);
  const [failure, setFailure] = createSignal<unknown>(null);

  const changed = (made?: string[] | null) => {
    setSetUp(null);
    if (made) setCodes(made);
    void reread();
  };
  const begin = async () => {
    setFailure(null);
    await proof.act(async () => setSetUp(await ask(api.me.totp.$post()))).catch(setFailure);
  };
  const removeTotp = () =>
    proof.act(async () => {
      await ask(api.me.totp.$delete());
      changed();
    });
  const renewCodes = () => proof.act(async () => changed((await ask(api.me["recovery-codes"].$post())).recovery_codes));
  const hasAny = (has: SecondFactorsBody) => has.totp !== null || has.passkeys.length > 0;

  return (
    <Panel title={t("account.factors.title")} query={query} skeleton={<RowsSkeleton rows={3} />} class="lg:col-span-2">
      {(has) => (
        <Show when={has().available} fallback={<p class="mt-2 text-ink-2">{t("account.factors.elsewhere")}</p>}>
          <p class="mt-2 max-w-2xl text-ink-2">{t("account.factors.lead")}</p>
          <Show when={failure()}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
          <ul class="mt-4 border-t border-rule">
            <li class="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule py-1.5">
              <span class="min-w-40 flex-1">
                {t("account.factors.totp")}
                <Show
                  when={has().totp}
                  fallback={<span class="block text-meta text-ink-3">{t("account.factors.notSetUp")}</span>}
                >
                  {(totp) => (
                    <time
                      class="block text-meta text-ink-3"
                      datetime={totp().created_at}
                      title={exactTime(totp().created_at)}
                    >
                      {t("account.factors.since", { time: relativeTime(totp().created_at, Date.now()) })}
                    </time>
                  )}
                </Show>
              </span>
              <Show
                when={has().totp}
                fallback={
                  <Button look="plain" onClick={() => void begin()}>
                    {t("account.factors.setUp")}
                  </Button>
                }
              >
                <Chip tone="ok">{t("account.factors.on")}</Chip>
                <Button look="quiet" onClick={() => setAsking("totp")}>
                  {t("account.factors.remove")}
                  <span class="sr-only">{t("account.factors.totp")}</span>
                </Button>
              </Show>
            </li>
            <li class="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule py-1.5">
              <span class="min-w-40 flex-1">{t("account.factors.codes")}</span>
              <Show
                when={hasAny(has())}
                fallback={<span class="text-meta text-ink-3">{t("account.factors.codesLater")}</span>}
              >
                <Chip tone={has().recovery_codes < FEW_CODES ? "warn" : "plain"}>
                  {plural("account.factors.left", has().recovery_codes)}
                </Chip>
                <Button look="quiet" onClick={() => setAsking("codes")}>
                  {t("account.factors.newCodes")}
                </Button>
              </Show>
            </li>
          </ul>
          <Passkeys passkeys={has().passkeys} others={has().totp !== null} proof={proof} onChanged={changed} />
          <SetUpTotp setUp={setUp()} onClose={() => setSetUp(null)} onDone={changed} />
          <Confirm
            open={asking() === "totp"}
            onClose={() => setAsking(null)}
            title={t("account.factors.removeTotp")}
            action={t("account.factors.remove")}
            onConfirm={removeTotp}
          >
            <p>{has().passkeys.length > 0 ? t("account.factors.removeTotpBody") : t("account.factors.removeLast")}</p>
          </Confirm>
          <Confirm
            open={asking() === "codes"}
            onClose={() => setAsking(null)}
            title={t("account.factors.newCodesTitle")}
            action={t("account.factors.newCodes")}
            onConfirm={renewCodes}
          >
            <p>{t("account.factors.newCodesBody")}</p>
          </Confirm>
          <Reveal
            title={t("account.factors.codes")}
            secret={codes()?.join("\n") ?? null}
            onClose={() => setCodes(null)}
            file={{ name: "gaiarouter-recovery-codes.txt", text: `${codes()?.join("\n") ?? ""}\n` }}
          >
            <p class="text-ink-2">{t("account.factors.codesBody")}</p>
          </Reveal>
          <ProofDialog proof={proof} passkeys={has().passkeys.length > 0} />
        </Show>
      )}
    </Panel>
  );
}
