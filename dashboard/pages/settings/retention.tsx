import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { api, ask, askWithTag, ifTag } from "../../api/client.ts";
import { UNDER_A_FORM } from "../../api/query.ts";
import { useQuery } from "../../api/use-query.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { Panel } from "../../components/panel.tsx";
import { SaveBar } from "../../components/save-bar.tsx";
import { Section } from "../../components/section.tsx";
import { date } from "../../format/time.ts";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";

/** For how long requests are kept, and the end of all traces of one end user. */
export function Retention() {
  const query = useQuery(() => ({
    ...UNDER_A_FORM,
    queryKey: ["retention"],
    queryFn: ({ signal }) => askWithTag(api.retention.$get({}, { init: { signal } })),
  }));
  return (
    <>
      <Panel title={t("settings.sections.retention")} query={query} skeleton={<RowsSkeleton rows={4} />}>
        {(found) => (
          <Show when={found()} keyed>
            {(kept) => <KeepFor kept={kept.body} tag={kept.tag} />}
          </Show>
        )}
      </Panel>
      <Erasure />
    </>
  );
}

function KeepFor(props: {
  kept: { days: number | null; least_days: number; operator_months: number | null; requests_since: string | null };
  tag: string | null;
}) {
  const client = useQueryClient();
  const form = createForm();
  const start = props.kept.days === null ? "" : String(props.kept.days);
  const [days, setDays] = createSignal(start);
  const [asking, setAsking] = createSignal(false);
  const wanted = () => (days().trim() === "" ? null : Number(days()));
  const [theirs, setTheirs] = createSignal<{ days: number | null; tag: string | null } | null>(null);
  const reread = () => client.invalidateQueries({ queryKey: ["retention"] });
  const save = async (tag: string | null) => {
    const done = await form.send(() => ask(api.retention.$put({ json: { days: wanted() } }, ifTag(tag))));
    if (done) {
      say(t("settings.saved"));
      await reread();
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => {
        const now = await askWithTag(api.retention.$get());
        setTheirs({ days: now.body.days, tag: now.tag });
      });
    }
  };
  return (
    <form
      class="max-w-2xl space-y-4 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        // Fewer days delete what is older.
        if (wanted() !== null && (props.kept.days === null || (wanted() ?? 0) < props.kept.days)) setAsking(true);
        else void save(props.tag);
      }}
    >
      <p class="text-ink-2">
        {props.kept.operator_months === null
          ? t("settings.keptForEver")
          : plural("settings.keptMonths", props.kept.operator_months)}{" "}
        <Show when={props.kept.requests_since}>{(since) => t("settings.keptSince", { date: date(since()) })}</Show>
      </p>
      <TextField
        label={t("settings.days")}
        hint={t("settings.daysHint", { least: props.kept.least_days })}
        inputmode="numeric"
        value={days()}
        onInput={(event) => setDays(event.currentTarget.value)}
        error={form.errorOf("days")}
      />
      <FormFailure form={form} fields={["days"]} />
      <SaveBar
        count={days().trim() === start ? 0 : 1}
        busy={form.busy()}
        onDiscard={() => setDays(start)}
        onSave={() => setAsking(true)}
      />
      <Confirm
        open={asking()}
        onClose={() => setAsking(false)}
        title={t("settings.fewerTitle")}
        action={t("common.save")}
        typed={days().trim()}
        onConfirm={() => save(props.tag)}
      >
        <p>{t("settings.fewerBody", { days: days() })}</p>
      </Confirm>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={[{ name: t("settings.days"), yours: days().trim(), theirs: String(theirs()?.days ?? "") }]}
        onClose={() => setTheirs(null)}
        onTake={() => {
          setTheirs(null);
          void reread();
        }}
        onOverwrite={() => {
          const now = theirs();
          setTheirs(null);
          if (now) void save(now.tag);
        }}
      />
    </form>
  );
}

/** Some calls delete what they can in their time: asked again until no day is left. */
function Erasure() {
  const [user, setUser] = createSignal("");
  const [asking, setAsking] = createSignal(false);
  const [left, setLeft] = createSignal<number | null>(null);
  const erase = async () => {
    let days = 1;
    while (days > 0) {
      const before = left();
      days = (await ask(api.retention.erase.$post({ json: { end_user: user().trim() } }))).days_left;
      setLeft(days);
      if (days > 0 && days === before) throw new Error(t("settings.eraseStuck"));
    }
    say(t("settings.erased"));
    setUser("");
    setLeft(null);
  };
  return (
    <Section title={t("settings.erase")} class="mt-10">
      <form
        class="max-w-2xl space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (user().trim()) setAsking(true);
        }}
      >
        <p class="text-ink-2">{t("settings.eraseLead")}</p>
        <TextField
          label={t("settings.endUser")}
          required
          value={user()}
          onInput={(event) => setUser(event.currentTarget.value)}
        />
        <Button look="danger" type="submit">
          {t("settings.erase")}
        </Button>
      </form>
      <Confirm
        open={asking()}
        onClose={() => setAsking(false)}
        title={t("settings.eraseTitle")}
        action={t("settings.erase")}
        typed={user().trim()}
        onConfirm={erase}
      >
        <p>{t("settings.eraseBody")}</p>
        <p role="status">
          <Show when={left() !== null}>{plural("settings.daysLeft", left() ?? 0)}</Show>
        </p>
      </Confirm>
    </Section>
  );
}
