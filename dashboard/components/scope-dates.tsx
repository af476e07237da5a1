import { periodOf } from "../state/period.ts";
import type { Scope } from "../state/scope.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";

/** From and until to the minute, on the clocks of this browser. */
export function ScopeDates(props: { scope: Scope; onChosen: () => void }) {
  const apply = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, to] = [new Date(String(form.get("from"))), new Date(String(form.get("to")))];
    if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime()) || to <= from) return;
    props.onChosen();
    props.scope.setRange(from.toISOString(), to.toISOString());
  };
  const local = (time: number) => {
    const moment = new Date(time);
    return new Date(time - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };

  return (
    <form class="mt-3 flex flex-wrap items-end gap-3" onSubmit={apply}>
      <TextField
        label={t("shell.scope.from")}
        name="from"
        type="datetime-local"
        required
        value={local(periodOf(props.scope.from(), props.scope.to(), Date.now()).from)}
      />
      <TextField
        label={t("shell.scope.to")}
        name="to"
        type="datetime-local"
        required
        value={local(periodOf(props.scope.from(), props.scope.to(), Date.now()).to)}
      />
      <Button look="primary" type="submit">
        {t("shell.scope.apply")}
      </Button>
    </form>
  );
}
