import { createUniqueId, type JSX, Show, splitProps } from "solid-js";
import { t } from "../text/text.ts";

const CONTROL =
  "mt-1 block min-h-8 w-full rounded-control border border-edge bg-surface px-2.5 text-body text-ink aria-[invalid=true]:border-bad disabled:opacity-60 pointer-coarse:min-h-11";

interface Named {
  label: string;
  /** What it is good for, or what may be written. */
  hint?: string;
  /** What is wrong with it. */
  error?: string | null;
  optional?: boolean;
  class?: string;
}

/** A name, a hint and what is wrong, tied to the control that `children` make with these attributes. */
function Labelled(
  props: Named & {
    children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: "true" }) => JSX.Element;
  },
) {
  const id = createUniqueId();
  const described = () =>
    [props.hint && `${id}-hint`, props.error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div class={props.class}>
      <label for={id} class="text-table font-medium">
        {props.label}
        <Show when={props.optional}>
          <span class="font-normal text-ink-3"> ({t("common.optional")})</span>
        </Show>
      </label>
      {props.children({
        id,
        get "aria-describedby"() {
          return described();
        },
        get "aria-invalid"() {
          return props.error ? "true" : undefined;
        },
      })}
      <Show when={props.hint}>
        <p id={`${id}-hint`} class="mt-1 text-meta text-ink-3">
          {props.hint}
        </p>
      </Show>
      <Show when={props.error}>
        <p id={`${id}-error`} class="mt-1 text-meta font-medium text-bad">
          {props.error}
        </p>
      </Show>
    </div>
  );
}

const NAMED = ["label", "hint", "error", "optional", "class"] as const;

/** A line of text, a number, a date. */
export function TextField(props: Named & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "class">) {
  const [named, rest] = splitProps(props, NAMED);
  return (
    <Labelled {...named}>
      {(attributes) => <input class={CONTROL} autocomplete="off" {...rest} {...attributes} />}
    </Labelled>
  );
}

/** Several lines of text. */
export function TextArea(props: Named & Omit<JSX.TextareaHTMLAttributes<HTMLTextAreaElement>, "class">) {
  const [named, rest] = splitProps(props, NAMED);
  return (
    <Labelled {...named}>
      {(attributes) => <textarea class={`${CONTROL} py-1.5`} rows={4} {...rest} {...attributes} />}
    </Labelled>
  );
}

/** One of a few: the browser's own list, which every keyboard, phone and screen reader knows. */
export function Select(props: Named & Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, "class">) {
  const [named, rest] = splitProps(props, NAMED);
  return <Labelled {...named}>{(attributes) => <select class={CONTROL} {...rest} {...attributes} />}</Labelled>;
}

/** Yes or no; `role="switch"` where it holds at once. */
export function Check(
  props: { label: string; hint?: string } & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "class">,
) {
  const [named, rest] = splitProps(props, ["label", "hint"]);
  const id = createUniqueId();
  return (
    <div class="flex gap-2.5">
      <input
        id={id}
        type="checkbox"
        class="mt-0.5 size-4 shrink-0 accent-accent pointer-coarse:size-6"
        aria-describedby={named.hint ? `${id}-hint` : undefined}
        {...rest}
      />
      <div>
        <label for={id} class="text-table">
          {named.label}
        </label>
        <Show when={named.hint}>
          <p id={`${id}-hint`} class="text-meta text-ink-3">
            {named.hint}
          </p>
        </Show>
      </div>
    </div>
  );
}
