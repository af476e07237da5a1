import { createSignal, onMount, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useAccount } from "../../state/account.tsx";
import { alertNow } from "../../state/announce.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { say } from "../../ui/toast.tsx";
import { bare, useKeyCache } from "./key-cache.ts";
import type { ChangedKey } from "./key-query.ts";
import { MoveKey } from "./move-key.tsx";
import { RevokeKey } from "./revoke-key.tsx";
import { RotateKey } from "./rotate-key.tsx";

/** Whether the reader may change a key: administrators every one, others their own. */
export function useMayChange(): (key: ChangedKey) => boolean {
  const { account, can } = useAccount();
  return (key) =>
    can("keys:write") ||
    (can("own_keys:write") && [key.created_by, key.owner].some((one) => one.endsWith(account().user.id)));
}

/** Stopping a key and starting it again: at once, with a way back. */
function useSwitch() {
  const cache = useKeyCache();
  const turn = async (key: ChangedKey, on: boolean, undoable: boolean): Promise<void> => {
    cache.show({ ...key, status: on ? "active" : "disabled" });
    const act = api.keys[":id"][on ? "enable" : "disable"];
    try {
      const answer = bare(await ask(act.$post({ param: { id: key.id } }, ifVersion(key.version))));
      cache.show(answer);
      const words = t(on ? "keys.enabled" : "keys.disabled", { name: key.name });
      say(words, undoable ? () => void turn(answer, !on, false) : undefined);
      void cache.reread();
    } catch (thrown) {
      cache.show(key);
      alertNow(asFailure(thrown).message);
      say(asFailure(thrown).message);
      void cache.reread();
    }
  };
  return (key: ChangedKey, on: boolean) => turn(key, on, true);
}

/** Ends the overlap of a rotation, where the reader may: only the newest text opens anything from then on. */
export function EndOverlap(props: { apiKey: ChangedKey }) {
  const cache = useKeyCache();
  const mayChange = useMayChange();
  const endOverlap = async () => {
    try {
      cache.show(
        bare(
          await ask(
            api.keys[":id"]["end-overlap"].$post({ param: { id: props.apiKey.id } }, ifVersion(props.apiKey.version)),
          ),
        ),
      );
      say(t("keys.overlapEnded"));
    } catch (thrown) {
      say(asFailure(thrown).message);
      void cache.reread();
    }
  };
  return (
    <Show when={mayChange(props.apiKey)}>
      <Button look="plain" onClick={endOverlap}>
        {t("keys.endOverlap")}
      </Button>
    </Show>
  );
}

/** What can be done with one key. `onText` gets the text that a rotation made. */
export function KeyActions(props: {
  apiKey: ChangedKey;
  rotating: boolean;
  onText: (key: ChangedKey, text: string) => void;
}) {
  const mayChange = useMayChange();
  const turn = useSwitch();
  const [over, setOver] = createSignal<"rotate" | "move" | "revoke" | null>(null);
  // After the drawer has taken its place: what opens with it would be hidden behind it.
  onMount(() => props.rotating && setTimeout(() => setOver("rotate")));
  const ended = () => props.apiKey.status === "revoked";
  // What it could be asked goes with it, but not its place: nothing below jumps.
  const hadActions = !ended();

  return (
    <Show when={mayChange(props.apiKey) && (hadActions || !ended())}>
      <div class={`mb-5 pt-1 flex flex-wrap gap-2 ${ended() ? "invisible" : ""}`}>
        <Button look="plain" onClick={() => setOver("rotate")}>
          {t("keys.rotate")}
        </Button>
        <Button
          look="plain"
          class="min-w-20"
          onClick={() => void turn(props.apiKey, props.apiKey.disabled_at !== null)}
        >
          {props.apiKey.disabled_at === null ? t("keys.disable") : t("keys.enable")}
        </Button>
        <Button look="plain" onClick={() => setOver("move")}>
          {t("keys.move")}
        </Button>
        <Button look="danger" onClick={() => setOver("revoke")}>
          {t("keys.revoke")}
        </Button>
      </div>
      <RotateKey
        apiKey={props.apiKey}
        open={over() === "rotate"}
        onClose={() => setOver(null)}
        onText={(text) => props.onText(props.apiKey, text)}
      />
      <MoveKey apiKey={props.apiKey} open={over() === "move"} onClose={() => setOver(null)} />
      <RevokeKey apiKey={props.apiKey} open={over() === "revoke"} onClose={() => setOver(null)} />
    </Show>
  );
}
