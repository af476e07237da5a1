import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/use-query.ts";
import { type Permission, useAccount } from "../state/account.tsx";
import { t } from "../text/text.ts";

/** Something the gateway knows by that name. */
export interface Found {
  label: string;
  /** What kind of thing it is. */
  note: string;
  path: string;
  /** What it was found by, in lower case. */
  words: string;
}

const AFTER_MS = 150;
const LEAST_LETTERS = 2;
const MOST_OF_A_KIND = "5";

type Init = { init: { signal: AbortSignal } };

const found = (label: string, note: string, path: string, others = ""): Found => ({
  ...{ label, note, path },
  words: `${label} ${others}`.toLowerCase(),
});

/** Each kind of thing that has a name: who may look for it, and how. */
const KINDS: readonly { permission: Permission; look: (q: string, init: Init) => Promise<Found[]> }[] = [
  {
    permission: "keys:read",
    look: async (q, init) =>
      (await ask(api.keys.$get({ query: { q, limit: MOST_OF_A_KIND } }, init))).data.map((key) =>
        found(key.name, t("jump.kinds.key"), `/keys?state=any&id=${key.id}`, key.hint),
      ),
  },
  {
    permission: "organizations:read",
    look: async (q, init) =>
      (await ask(api.organizations.$get({ query: { q, limit: MOST_OF_A_KIND } }, init))).data.map((one) =>
        found(one.name, t("jump.kinds.organization"), `/orgs?id=${one.id}`),
      ),
  },
  {
    permission: "members:read",
    look: async (q, init) =>
      (await ask(api.members.$get({ query: { q, limit: MOST_OF_A_KIND } }, init))).data.map((person) =>
        found(person.name, t("jump.kinds.member"), `/members?id=${person.id}`, person.email),
      ),
  },
  {
    permission: "routes:read",
    look: async (q, init) =>
      (await ask(api.routes.$get({ query: { q, limit: MOST_OF_A_KIND } }, init))).data.map((route) =>
        found(route.name, t("jump.kinds.route"), `/routes?id=${route.id}`),
      ),
  },
  {
    permission: "models:read",
    look: async (q, init) =>
      (await ask(api.models.$get({ query: { q, limit: MOST_OF_A_KIND } }, init))).data.map((model) =>
        found(model.id, t("jump.kinds.model"), `/models?id=${encodeURIComponent(model.id)}`, model.display_name),
      ),
  },
];

/**
 * What is called so, asked for once the writer pauses; an answer that nobody waits for any more is given up. While a longer
 * text is asked for, what was found for the shorter one stays where it still fits, so that nothing jumps away and back.
 */
export function usePaletteSearch(text: Accessor<string>, enabled: Accessor<boolean>) {
  const { can } = useAccount();
  const [asked, setAsked] = createSignal("");
  createEffect(() => {
    const next = enabled() && text().length >= LEAST_LETTERS ? text() : "";
    const timer = setTimeout(() => setAsked(next), AFTER_MS);
    onCleanup(() => clearTimeout(timer));
  });
  const query = useQuery(() => ({
    queryKey: ["palette", asked()],
    enabled: asked() !== "",
    queryFn: async ({ signal }) => {
      const kinds = KINDS.filter(({ permission }) => can(permission));
      // One that cannot be asked now keeps no other from being found.
      const answers = await Promise.allSettled(kinds.map(({ look }) => look(asked(), { init: { signal } })));
      signal.throwIfAborted();
      return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    },
  }));
  return {
    found: (): readonly Found[] => {
      const now = text().toLowerCase();
      if (!enabled() || now.length < LEAST_LETTERS) return [];
      const all = query.data ?? [];
      return asked().toLowerCase() === now && !query.isPlaceholderData
        ? all
        : all.filter(({ words }) => words.includes(now));
    },
    /** Whether an answer is still to come. */
    looking: () => enabled() && text().length >= LEAST_LETTERS && (asked() !== text() || query.isFetching),
  };
}
