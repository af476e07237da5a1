import { createSignal, For, Show } from "solid-js";
import { keysAsWritten } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { ACCEPTED, modalityOf, type Refusal, readFile } from "./attachments.ts";
import type { Attachment } from "./thread.ts";

/** The line that asks. Enter sends, Shift and Enter make a new line; while letters are being composed Enter belongs to them. */
export function Composer(props: {
  isStreaming: boolean;
  /** Which of the models cannot read a kind of attachment. */
  cannotRead: (kind: "image" | "pdf") => readonly string[];
  onSend: (text: string, attachments: Attachment[]) => void;
  onStop: () => void;
}) {
  const [text, setText] = createSignal("");
  const [attachments, setAttachments] = createSignal<Attachment[]>([]);
  const [refused, setRefused] = createSignal<{ name: string; why: Refusal } | null>(null);
  const [isOver, setOver] = createSignal(false);
  let file!: HTMLInputElement;

  const add = async (files: Iterable<File>) => {
    setRefused(null);
    for (const one of files) {
      const read = await readFile(one);
      if (typeof read === "string") setRefused({ name: one.name, why: read });
      else setAttachments((all) => [...all, read]);
    }
  };
  const send = () => {
    if ((!text().trim() && attachments().length === 0) || props.isStreaming) return;
    props.onSend(text().trim(), attachments());
    setText("");
    setAttachments([]);
    setRefused(null);
  };
  const unread = () =>
    (["image", "pdf"] as const).flatMap((kind) =>
      attachments().some((one) => modalityOf(one) === kind)
        ? props.cannotRead(kind).map((model) => t(`playground.unread.${kind}`, { model }))
        : [],
    );

  return (
    <form
      class={`rounded-panel border bg-surface p-2 focus-within:outline-2 focus-within:outline-accent ${isOver() ? "border-accent" : "border-edge"}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void add(event.dataTransfer?.files ?? []);
      }}
    >
      <textarea
        aria-label={t("playground.message")}
        placeholder={t("playground.placeholder")}
        data-main-filter
        rows={2}
        class="block max-h-60 min-h-12 w-full resize-y bg-transparent px-1.5 py-1 text-body outline-none placeholder:text-ink-3"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
        onPaste={(event) => {
          const files = event.clipboardData?.files;
          if (!files?.length) return;
          event.preventDefault();
          void add(files);
        }}
        onKeyDown={(event) => {
          // 229: a key that an input method has taken, which some browsers tell only so.
          if (event.isComposing || event.keyCode === 229) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            send();
          }
          if (event.key === "Escape" && props.isStreaming) {
            event.preventDefault();
            props.onStop();
          }
        }}
      />
      <Show when={attachments().length > 0}>
        <ul class="flex flex-wrap gap-2 px-1.5 pb-2 text-meta">
          <For each={attachments()}>
            {(one) => (
              <li class="flex items-center gap-1 rounded-chip bg-sunken pl-2">
                <Show when={one.type.startsWith("image/")}>
                  <img src={one.data} alt="" class="max-h-8 max-w-12" />
                </Show>
                <bdi class="max-w-48 truncate">{one.name}</bdi>
                <button
                  type="button"
                  class="min-h-6 min-w-6 px-1.5 text-ink-2 hover:text-ink pointer-coarse:min-h-11 pointer-coarse:min-w-11"
                  aria-label={t("playground.removeFile", { name: one.name })}
                  onClick={() => setAttachments((all) => all.filter((other) => other !== one))}
                >
                  ×
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <div role="status" class="px-1.5 text-meta">
        <Show when={refused()}>
          {(file) => <p class="pb-1 text-bad">{t(`playground.refused.${file().why}`, { name: file().name })}</p>}
        </Show>
        <For each={unread()}>{(line) => <p class="pb-1 text-warn">{line}</p>}</For>
      </div>
      <div class="flex flex-wrap items-center gap-2">
        <input
          ref={file}
          type="file"
          class="hidden"
          accept={ACCEPTED}
          multiple
          aria-label={t("playground.attach")}
          onChange={(event) => {
            void add(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
          }}
        />
        <Button look="quiet" onClick={() => file.click()}>
          {t("playground.attach")}
        </Button>
        <span class="ml-auto text-meta text-ink-3 max-md:hidden">
          {t("playground.keys", { all: keysAsWritten("mod+↵") })}
        </span>
        <Show
          when={props.isStreaming}
          fallback={
            <Button look="primary" type="submit" disabled={!text().trim() && attachments().length === 0}>
              {t("playground.send")}
            </Button>
          }
        >
          <Button look="plain" onClick={() => props.onStop()}>
            {t("playground.stopAll")}
          </Button>
        </Show>
      </div>
    </form>
  );
}
