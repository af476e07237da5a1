import { For } from "solid-js";
import { download } from "../../state/download.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import type { Thread } from "./thread.ts";
import { asJson, asMarkdown, fileName } from "./thread-file.ts";

const FORMATS = [
  { id: "markdown", ending: "md", type: "text/markdown", write: asMarkdown },
  { id: "json", ending: "json", type: "application/json", write: asJson },
] as const;

/** The thread as a file. It is written here: no server knows it. */
export const ExportDialog = (props: { thread: Thread; onClose: () => void }) => (
  <Dialog open onClose={props.onClose} title={t("playground.export.title")} description={t("playground.export.lead")}>
    <div class="flex flex-col items-start gap-2">
      <For each={FORMATS}>
        {({ id, ending, type, write }) => (
          <Button
            look="plain"
            onClick={() => {
              download(`${fileName(props.thread)}.${ending}`, write(props.thread), type);
              props.onClose();
            }}
          >
            {t(`playground.export.${id}`)}
          </Button>
        )}
      </For>
    </div>
  </Dialog>
);
