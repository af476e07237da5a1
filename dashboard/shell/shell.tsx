import { type RouteSectionProps, useLocation } from "@solidjs/router";
import { createSignal, ErrorBoundary, For, lazy, Show, Suspense } from "solid-js";
import { useAccount } from "../state/account.tsx";
import { assertively, politely } from "../state/announce.ts";
import { asked } from "../state/prove-again.ts";
import { listenToShortcuts, useShortcuts } from "../state/shortcuts.ts";
import { loadTexts, t } from "../text/text.ts";
import { onceIdle } from "../ui/once-idle.ts";
import { ToastRegion } from "../ui/toast.tsx";
import { Broken } from "./broken.tsx";
import { GROUPS } from "./destinations.ts";
import { Forbidden } from "./forbidden.tsx";
import { useGo } from "./go.ts";
import { Navigation } from "./navigation.tsx";
import { OfflineBanner } from "./offline.tsx";
import { TopBar } from "./top-bar.tsx";

const readPalette = () => import("./palette.tsx").then(({ Palette }) => ({ default: Palette }));
const Palette = lazy(readPalette);
onceIdle(readPalette);
const ProveAgain = lazy(async () => {
  const [{ ProveAgain }] = await Promise.all([import("./prove-again.tsx"), loadTexts("signIn")]);
  return { default: ProveAgain };
});
const ShortcutHelp = lazy(() => import("./shortcut-help.tsx").then(({ ShortcutHelp }) => ({ default: ShortcutHelp })));

/** What is around every page: where one can go, whose usage is shown, what is said to those who do not see it. */
export function Shell(props: RouteSectionProps) {
  const { account, can } = useAccount();
  const location = useLocation();
  const go = useGo();
  const [over, setOver] = createSignal<"palette" | "help" | "menu" | null>(null);
  const allowed = GROUPS.flatMap(({ destinations }) => destinations).filter(({ permission }) => can(permission));

  listenToShortcuts();
  useShortcuts([
    { keys: "mod+k", label: () => t("shell.palette.title"), run: () => setOver("palette"), listed: false },
    { keys: "?", label: () => t("shell.shortcuts.title"), run: () => setOver("help") },
    ...allowed.map(({ path, name, keys }) => ({
      keys,
      label: () => t("shell.nav.goTo", { page: t(name) }),
      run: () => go(path),
      listed: false,
    })),
  ]);
  const destination = () =>
    GROUPS.flatMap(({ destinations }) => destinations).find(({ path }) =>
      path === "/" ? location.pathname === "/" : location.pathname === path || location.pathname.startsWith(`${path}/`),
    );
  const forbidden = () => {
    const permission = destination()?.permission;
    return permission !== undefined && !can(permission);
  };

  return (
    <div class="md:grid md:grid-cols-[3.5rem_minmax(0,1fr)] xl:grid-cols-[13rem_minmax(0,1fr)]">
      <a
        href="#content"
        target="_self"
        class="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:bg-surface focus:px-4 focus:py-3"
      >
        {t("shell.skip")}
      </a>
      <Navigation open={over() === "menu"} onClose={() => setOver(null)} />
      <div class="min-w-0">
        <TopBar onMenu={() => setOver("menu")} onSearch={() => setOver("palette")} onHelp={() => setOver("help")} />
        <OfflineBanner />
        <main id="content" tabindex="-1" class="outline-none">
          <ErrorBoundary fallback={(error) => <Broken error={error} />}>
            <Show
              when={!forbidden()}
              fallback={<Forbidden role={account().role} organization={account().organization.name} />}
            >
              <Suspense>{props.children}</Suspense>
            </Show>
          </ErrorBoundary>
        </main>
      </div>
      <Show when={over() === "palette"}>
        <Suspense>
          <Palette onClose={() => setOver(null)} />
        </Suspense>
      </Show>
      <Show when={over() === "help"}>
        <Suspense>
          <ShortcutHelp onClose={() => setOver(null)} />
        </Suspense>
      </Show>
      <Show when={asked()}>
        <Suspense>
          <ProveAgain />
        </Suspense>
      </Show>
      <ToastRegion />
      <For each={[[politely, "polite"] as const, [assertively, "assertive"] as const]}>
        {([words, manner]) => (
          <div class="sr-only" aria-live={manner} aria-atomic="true">
            {words()}
          </div>
        )}
      </For>
    </div>
  );
}
