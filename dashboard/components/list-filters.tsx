import { For } from "solid-js";
import { useAccount } from "../state/account.tsx";
import { t } from "../text/text.ts";
import { BarSelect } from "../ui/bar-select.tsx";
import { OrganizationOptions } from "./organization-select.tsx";

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
