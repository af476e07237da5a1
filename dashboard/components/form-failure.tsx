import { Show } from "solid-js";
import type { Form } from "../state/form.ts";
import { FailureNote } from "./failure-note.tsx";

/** What the gateway refused, where no field of the form shows it. `fields`: the API's names of those that do. */
export function FormFailure(props: { form: Form; fields?: readonly string[] }) {
  const beside = () => {
    const failure = props.form.failure();
    return failure && !props.fields?.some((field) => props.form.errorOf(field) !== null) ? failure : null;
  };
  return <Show when={beside()}>{(failure) => <FailureNote failure={failure()} />}</Show>;
}
