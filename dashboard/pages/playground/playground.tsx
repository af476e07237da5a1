import { useSearchParams } from "@solidjs/router";
import { createResource, Show } from "solid-js";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { Bench } from "./bench.tsx";
import { columnOf, useModels } from "./models.ts";
import { emptyThread, LAST_MODELS, MOST_COLUMNS, type Thread } from "./thread.ts";
import { readThread } from "./thread-store.ts";

/** Models of the address, else those that were asked last here. */
function firstModels(asked: readonly string[]): string[] {
  const kept = (localStorage.getItem(LAST_MODELS) ?? "").split("\n").filter(Boolean);
  return [...new Set(asked.length > 0 ? asked : kept)].slice(0, MOST_COLUMNS);
}

/** What goes on where the page was left is over. */
const atRest = (thread: Thread): Thread => ({
  ...thread,
  turns: thread.turns.map((turn) => ({
    ...turn,
    answers: Object.fromEntries(
      Object.entries(turn.answers).map(([column, all]) => [
        column,
        all.map((answer) => (answer.state === "streaming" ? { ...answer, state: "stopped" as const } : answer)),
      ]),
    ),
  })),
});

/** Any model, and up to four side by side, asked as any client asks: through the gateway. */
export function PlaygroundPage() {
  const { account } = useAccount();
  const [params] = useSearchParams();
  const [organization, setOrganization] = useParam("org");
  const [threadId, setThreadId] = useParam("thread");
  const models = useModels(organization);
  const user = account().user.id;
  const [opened, { mutate: setOpened }] = createResource(async (): Promise<Thread> => {
    const kept = threadId() ? await readThread(user, threadId()).catch(() => undefined) : undefined;
    if (kept) return atRest(kept);
    const asked = [params.m].flat().filter((model): model is string => Boolean(model));
    return emptyThread(crypto.randomUUID(), Date.now(), firstModels(asked).map(columnOf));
  });
  return (
    <Show when={opened()} keyed>
      {(thread) => (
        <Bench
          start={thread}
          user={user}
          models={models}
          organization={organization() || account().organization.id}
          onOrganization={setOrganization}
          onOpen={(next) => {
            setThreadId(next.turns.length > 0 ? next.id : "");
            setOpened(atRest(next));
          }}
          onBegun={(id) => setThreadId(id, "replace")}
        />
      )}
    </Show>
  );
}
