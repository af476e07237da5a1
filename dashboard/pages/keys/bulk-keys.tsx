import type { InferRequestType } from "hono/client";
import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { BulkBar, type BulkRun } from "../../components/bulk-bar.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { useKeyCache } from "./key-cache.ts";
import { endOfDay } from "./key-draft.ts";

type BulkAct = Omit<InferRequestType<typeof api.keys.bulk.$post>["json"], "ids">;

/** One call for a lot of keys; the API says of each what became of it. */
const bulkAct = (act: BulkAct) => async (ids: string[]) => {
  const { results } = await ask(api.keys.bulk.$post({ json: { ...act, ids } }));
  return results.map(({ id, error }) => ({ id, error: error?.message ?? null }));
};

/** What can be done with many keys at once. */
export function BulkKeys(props: {
  chosen: readonly string[];
  nameOf: (id: string) => string;
  onChosen: (ids: string[]) => void;
  /** Ticks all that match, on pages that are not here yet too. */
  onAll: () => Promise<void>;
  hasMore: boolean;
}) {
  const cache = useKeyCache();
  const [over, setOver] = createSignal<"extend" | "tag" | "move" | null>(null);
  const [selecting, setSelecting] = createSignal(false);
  const all = async () => {
    setSelecting(true);
    await props.onAll().finally(() => setSelecting(false));
  };
  return (
    <BulkBar chosen={props.chosen} nameOf={props.nameOf} onChosen={props.onChosen} onDone={() => void cache.reread()}>
      {(run) => (
        <>
          <Button look="plain" onClick={() => void run.start(bulkAct({ action: "disable" }))}>
            {t("keys.disable")}
          </Button>
          <Button look="plain" onClick={() => void run.start(bulkAct({ action: "enable" }))}>
            {t("keys.enable")}
          </Button>
          <Button look="plain" onClick={() => setOver("extend")}>
            {t("keys.extend")}
          </Button>
          <Button look="plain" onClick={() => setOver("tag")}>
            {t("keys.tag")}
          </Button>
          <Button look="plain" onClick={() => setOver("move")}>
            {t("keys.move")}
          </Button>
          <Show when={props.hasMore}>
            <Button look="quiet" disabled={selecting()} onClick={() => void all()}>
              {t("keys.chooseAll")}
            </Button>
          </Show>
          <ExtendDialog open={over() === "extend"} onClose={() => setOver(null)} run={run} />
          <MoveDialog open={over() === "move"} onClose={() => setOver(null)} run={run} />
          <TagDialog open={over() === "tag"} onClose={() => setOver(null)} run={run} />
        </>
      )}
    </BulkBar>
  );
}

function ExtendDialog(props: { open: boolean; onClose: () => void; run: BulkRun }) {
  const [day, setDay] = createSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onClose();
    void props.run.start(bulkAct({ action: "extend", expires_at: endOfDay(day()) }));
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("keys.extendTitle")}>
      <form onSubmit={submit}>
        <TextField
          label={t("keys.expires")}
          type="date"
          hint={t("keys.expiresHint")}
          value={day()}
          onInput={(event) => setDay(event.currentTarget.value)}
        />
        <Actions>
          <Button look="plain" onClick={() => props.onClose()}>
            {t("common.cancel")}
          </Button>
          <Button look="primary" type="submit">
            {day() === "" ? t("keys.extendForEver") : t("keys.extendUntil")}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

function MoveDialog(props: { open: boolean; onClose: () => void; run: BulkRun }) {
  const [place, setPlace] = createSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (place() === "") return;
    props.onClose();
    void props.run.start(bulkAct({ action: "move", organization_id: place() }));
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("keys.bulkMoveTitle")} description={t("keys.moveBody")}>
      <form onSubmit={submit}>
        <Select label={t("keys.moveTo")} required onChange={(event) => setPlace(event.currentTarget.value)}>
          <option value="" selected={place() === ""}>
            {t("keys.choosePlace")}
          </option>
          <OrganizationOptions selected={place()} />
        </Select>
        <Actions>
          <Button look="plain" onClick={() => props.onClose()}>
            {t("common.cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={place() === ""}>
            {t("keys.move")}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}

const tagsOf = (text: string): string[] =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter(Boolean);

function TagDialog(props: { open: boolean; onClose: () => void; run: BulkRun }) {
  const [add, setAdd] = createSignal("");
  const [remove, setRemove] = createSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onClose();
    void props.run.start(bulkAct({ action: "tag", add: tagsOf(add()), remove: tagsOf(remove()) }));
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("keys.tagTitle")}>
      <form class="space-y-3" onSubmit={submit}>
        <TextField
          label={t("keys.tagAdd")}
          hint={t("keys.commas")}
          value={add()}
          onInput={(event) => setAdd(event.currentTarget.value)}
        />
        <TextField
          label={t("keys.tagRemove")}
          hint={t("keys.commas")}
          value={remove()}
          onInput={(event) => setRemove(event.currentTarget.value)}
        />
        <Actions>
          <Button look="plain" onClick={() => props.onClose()}>
            {t("common.cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={tagsOf(add()).length + tagsOf(remove()).length === 0}>
            {t("keys.tag")}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
