import { createSignal, lazy, Show, Suspense } from "solid-js";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { draws, type Models } from "./models.ts";
import type { Play } from "./play.ts";
import { isHidden, sampleTurn, type Thread } from "./thread.ts";
import { ThreadsDrawer } from "./threads-drawer.tsx";

const ExportDialog = lazy(async () => ({ default: (await import("./export-dialog.tsx")).ExportDialog }));
const CodeDialog = lazy(async () => ({ default: (await import("./code-dialog.tsx")).CodeDialog }));

/** What can be done with the thread as a whole, and with others. */
export function ThreadActions(props: {
  play: Play;
  models: Models;
  user: string;
  organization: string;
  onOrganization: (id: string) => void;
  onOpen: (thread: Thread) => void;
  onBegin: () => void;
}) {
  const [over, setOver] = createSignal<"code" | "export" | "threads" | null>(null);
  const branch = () => props.play.branch();
  /** A file and a request name the models. */
  const tells = () => (branch().some(isHidden) ? t("playground.blind.first") : undefined);
  return (
    <>
      <BarSelect
        steady
        label={t("playground.paidBy")}
        value={props.organization}
        onChange={(event) => props.onOrganization(event.currentTarget.value)}
      >
        <OrganizationOptions selected={props.organization} />
      </BarSelect>
      <Button
        look="plain"
        onClick={() => setOver("code")}
        disabled={props.play.thread.columns.length === 0 || tells() !== undefined}
        title={tells()}
      >
        {t("playground.code.open")}
      </Button>
      <Button
        look="plain"
        onClick={() => setOver("export")}
        disabled={branch().length === 0 || tells() !== undefined}
        title={tells()}
      >
        {t("playground.export.open")}
      </Button>
      <Button look="plain" onClick={() => setOver("threads")}>
        {t("playground.threads.open")}
      </Button>
      <Button look="plain" onClick={() => props.onBegin()}>
        {t("playground.new")}
      </Button>
      <Show when={over() === "code"}>
        <Suspense>
          <CodeDialog
            thread={props.play.thread}
            draws={(model) => draws(props.models.find(model))}
            branch={branch().length > 0 ? branch() : [sampleTurn(t("playground.samples.one"))]}
            onClose={() => setOver(null)}
          />
        </Suspense>
      </Show>
      <Show when={over() === "export"}>
        <Suspense>
          <ExportDialog thread={props.play.thread} onClose={() => setOver(null)} />
        </Suspense>
      </Show>
      <Show when={over() === "threads"}>
        <ThreadsDrawer
          user={props.user}
          openId={props.play.thread.id}
          onClose={() => setOver(null)}
          onOpen={(thread) => {
            setOver(null);
            props.onOpen(thread);
          }}
        />
      </Show>
    </>
  );
}
