import { Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { Confirm } from "../../components/confirm.tsx";
import { t } from "../../text/text.ts";
import { say } from "../../ui/toast.tsx";
import { bare, useKeyCache } from "./key-cache.ts";
import { KeyImpact } from "./key-impact.tsx";
import type { ChangedKey } from "./key-query.ts";

/** Ends a key for good: its name must be typed, with what lives by it in sight. */
export function RevokeKey(props: { apiKey: ChangedKey; open: boolean; onClose: () => void }) {
  const cache = useKeyCache();
  const revoke = async () => {
    const answer = await ask(
      api.keys[":id"].revoke.$post({ param: { id: props.apiKey.id } }, ifVersion(props.apiKey.version)),
    );
    cache.show(bare(answer));
    say(t("keys.revoked", { name: props.apiKey.name }));
    void cache.reread();
  };
  return (
    <Confirm
      open={props.open}
      onClose={props.onClose}
      title={t("keys.revokeTitle", { name: props.apiKey.name })}
      action={t("keys.revoke")}
      typed={props.apiKey.name}
      onConfirm={revoke}
    >
      <p>{t("keys.revokeBody")}</p>
      <Show when={props.open}>
        <KeyImpact id={props.apiKey.id} />
      </Show>
    </Confirm>
  );
}
