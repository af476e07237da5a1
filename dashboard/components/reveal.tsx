import { createSignal, type JSX, Show } from "solid-js";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";

/**
 * A secret that no other answer ever holds, shown once. It lives in the caller's signal only, never in the cache of queries.
 * Closing before it was copied or saved asks once more.
 */
export function Reveal(props: {
  title: string;
  /** The secret; null: closed. */
  secret: string | null;
  onClose: () => void;
  /** A file that holds it, by its name. */
  file?: { name: string; text: string };
  /** What else holds it: `onTaken` says that it was copied from there. */
  more?: (onTaken: () => void) => JSX.Element;
  children?: JSX.Element;
}) {
  const [taken, setTaken] = createSignal(false);
  const [asking, setAsking] = createSignal(false);
  const [byHand, setByHand] = createSignal(false);
  let text: HTMLElement | undefined;

  const take = () => {
    setTaken(true);
    setAsking(false);
  };
  const leave = () => {
    setTaken(false);
    setAsking(false);
    setByHand(false);
    props.onClose();
  };
  const close = () => (taken() ? leave() : setAsking(true));
  const copy = async () => {
    // Refused on pages without TLS and by some browsers' settings: then it is marked, to be copied by hand.
    const done = await navigator.clipboard?.writeText(props.secret ?? "").then(
      () => true,
      () => false,
    );
    take();
    setByHand(!done);
    if (!done && text) getSelection()?.selectAllChildren(text);
  };
  const download = () => {
    if (!props.file) return;
    const url = URL.createObjectURL(new Blob([props.file.text], { type: "text/plain" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: props.file.name });
    link.click();
    URL.revokeObjectURL(url);
    take();
  };

  return (
    <Dialog open={props.secret !== null} onClose={close} title={props.title} description={t("common.reveal.once")}>
      <code
        ref={text}
        class="block rounded-control border border-edge bg-canvas p-3 font-mono text-body break-all whitespace-pre-line select-all"
      >
        {props.secret}
      </code>
      <p class="mt-2 min-h-5 text-meta text-ink-2" role="status">
        {byHand() ? t("common.copyByHand") : taken() ? t("common.reveal.taken") : ""}
      </p>
      {props.children}
      <Show when={asking()}>
        <div class="mt-3 rounded-panel border-l-4 border-warn bg-warn-bg px-4 py-3" role="alert">
          <p class="text-ink">{t("common.reveal.notTaken")}</p>
          <Button look="plain" class="mt-2" onClick={leave}>
            {t("common.reveal.leave")}
          </Button>
        </div>
      </Show>
      {props.more?.(take)}
      <Actions>
        <Show when={props.file}>
          {(file) => (
            <Button look="plain" onClick={download}>
              {t("common.reveal.download", { file: file().name })}
            </Button>
          )}
        </Show>
        <Button look={taken() ? "plain" : "primary"} onClick={copy}>
          {t("common.copy")}
        </Button>
        <Button look={taken() ? "primary" : "plain"} onClick={close}>
          {t("common.done")}
        </Button>
      </Actions>
    </Dialog>
  );
}
