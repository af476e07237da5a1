import { For, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/use-query.ts";
import { useAccount } from "../state/account.tsx";
import { t } from "../text/text.ts";
import { Empty } from "./empty.tsx";

const MANAGERS = ["owner", "admin"] as const;
const MOST_NAMED = 5;

/**
 * In place of what the reader's role does not open: what they are, and the people who can change it, by name where they may be
 * seen. `top`: it is the whole tenant's, so that those of the organization at the top decide, whom nobody below it sees.
 */
export function ForbiddenNote(props: { top?: boolean }) {
  const { account, can } = useAccount();
  const here = () => account().organization;
  const people = useQuery(() => ({
    queryKey: ["members", "managers", here().id],
    enabled: !props.top && can("members:read"),
    queryFn: async ({ signal }) => {
      const answers = await Promise.all(
        MANAGERS.map((role) =>
          ask(
            api.members.$get(
              { query: { organization: here().id, role, sort: "name", limit: String(MOST_NAMED) } },
              { init: { signal } },
            ),
          ),
        ),
      );
      return answers.flatMap(({ data }) => data);
    },
  }));
  /** Those of organizations below have no say here. */
  const managers = () => {
    const known = new Map((people.data ?? []).map((person) => [person.id, person]));
    return [...known.values()].flatMap((person) => {
      const held = person.roles.filter((one) => one.inherited || one.organization_id === here().id);
      const role = MANAGERS.find((wanted) => held.some((one) => one.role === wanted));
      return role ? [{ ...person, role }] : [];
    });
  };
  return (
    <Empty
      title={t("shell.forbidden.status")}
      hint={t(props.top ? "shell.forbidden.top" : "shell.forbidden.body", {
        role: t(`shell.roles.${account().role}`),
        organization: here().name,
      })}
    >
      <Show when={managers().length > 0}>
        <div>
          <p class="text-ink-2">{t("shell.forbidden.ask")}</p>
          <ul class="mt-1">
            <For each={managers().slice(0, MOST_NAMED)}>
              {(person) => (
                <li>
                  <span class="font-medium">{person.name}</span>
                  {person.name === person.email ? "" : ` (${person.email})`}
                  <span class="text-ink-2">, {t(`shell.roles.${person.role}`)}</span>
                </li>
              )}
            </For>
          </ul>
        </div>
      </Show>
    </Empty>
  );
}
