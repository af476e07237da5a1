import { fieldOf, momentOfField } from "../format/zone-moment.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";

/** From when until when, written by the clocks of a zone; moments are milliseconds since the epoch. */
export function ScopeDates(props: {
  from: number;
  to: number;
  zone: string;
  onChange: (from: number, to: number) => void;
}) {
  let until: HTMLInputElement | undefined;
  const apply = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    /** What was not written anew stays to the millisecond. */
    const read = (name: "from" | "to") => {
      const text = String(new FormData(form).get(name));
      return text === fieldOf(props[name], props.zone) ? props[name] : momentOfField(text, props.zone);
    };
    const [from, to] = [read("from"), read("to")];
    until?.setCustomValidity(to > from ? "" : t("shell.scope.order"));
    if (until?.reportValidity()) props.onChange(from, to);
  };
  return (
    <form class="mt-3 flex flex-wrap items-end gap-3" onSubmit={apply} onInput={() => until?.setCustomValidity("")}>
      <TextField
        label={t("shell.scope.from")}
        name="from"
        type="datetime-local"
        required
        value={fieldOf(props.from, props.zone)}
      />
      <TextField
        ref={until}
        label={t("shell.scope.to")}
        name="to"
        type="datetime-local"
        required
        value={fieldOf(props.to, props.zone)}
      />
      <Button look="primary" type="submit">
        {t("shell.scope.apply")}
      </Button>
    </form>
  );
}
