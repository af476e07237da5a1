import { For, onCleanup } from "solid-js";
import { useAccount } from "../state/account.tsx";
import { t } from "../text/text.ts";
import { BarSelect } from "../ui/bar-select.tsx";
import { OrganizationOptions } from "./organization-select.tsx";

const AFTER_MS = 250;

/** A line to narrow a list by, in a bar of controls; it narrows a quarter of a second after the last letter. */
export function FilterInput(props: {
  label: string;
  value: string;
  onChange: (value: string, step: "replace") => void;
  /** `/` goes here: one of a page. */
  main?: boolean;
}) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  return (
    <input
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      data-main-filter={props.main ? "" : undefined}
      class="min-h-8 w-56 rounded-control border border-edge bg-surface px-2.5 text-table placeholder:text-ink-3 pointer-coarse:min-h-11"
      value={props.value}
      onInput={(event) => {
        const { value } = event.currentTarget;
        clearTimeout(timer);
        timer = setTimeout(() => props.onChange(value.trim(), "replace"), AFTER_MS);
      }}
    />
  );
}

/** Over a list: one of a few. */
export function ChoiceFilter<Choice extends string>(props: {
  label: string;
  choices: readonly Choice[];
  nameOf: (choice: Choice) => string;
  value: Choice;
  onChange: (choice: Choice) => void;
}) {
  return (
    <BarSelect
      label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value as Choice)}
    >
      <For each={props.choices}>{(choice) => <option value={choice}>{props.nameOf(choice)}</option>}</For>
    </BarSelect>
  );
}

/** Over a list: an organization and what is below it; "": all that the reader sees. */
export function BranchFilter(props: { value: string; onChange: (organization: string) => void }) {
  const { account } = useAccount();
  return (
    <BarSelect
      steady
      label={t("common.organization")}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    >
      <option value="">{t("shell.scope.everything", { organization: account().organization.name })}</option>
      <OrganizationOptions selected={props.value} />
    </BarSelect>
  );
}
