import { A, useLocation } from "@solidjs/router";
import { __iconNode as activity } from "lucide-solid/icons/activity";
import { __iconNode as building } from "lucide-solid/icons/building";
import { __iconNode as chart } from "lucide-solid/icons/chart-no-axes-column";
import { __iconNode as gauge } from "lucide-solid/icons/gauge";
import { __iconNode as key } from "lucide-solid/icons/key-round";
import { __iconNode as layers } from "lucide-solid/icons/layers";
import { __iconNode as list } from "lucide-solid/icons/list";
import { __iconNode as message } from "lucide-solid/icons/message-square";
import { __iconNode as rocket } from "lucide-solid/icons/rocket";
import { __iconNode as scroll } from "lucide-solid/icons/scroll-text";
import { __iconNode as settings } from "lucide-solid/icons/settings";
import { __iconNode as split } from "lucide-solid/icons/split";
import { __iconNode as tags } from "lucide-solid/icons/tags";
import { __iconNode as users } from "lucide-solid/icons/users";
import { createEffect, For, on, Show } from "solid-js";
import { RouteLine } from "../components/route-line.tsx";
import { useAccount } from "../state/account.tsx";
import { carriedSearch } from "../state/scope.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { type Drawing, Icon } from "../ui/icon.tsx";
import { type Destination, GROUPS } from "./destinations.ts";

const ICONS: Record<string, Drawing> = {
  "/": activity,
  "/logs": list,
  "/usage": chart,
  "/sessions": layers,
  "/play": message,
  "/start": rocket,
  "/keys": key,
  "/orgs": building,
  "/members": users,
  "/budgets": gauge,
  "/routes": split,
  "/models": tags,
  "/audit": scroll,
  "/settings": settings,
};

/** Where one can go: beside the page, as a rail of icons below 1280 px, as a sheet below 768. */
export function Navigation(props: { open: boolean; onClose: () => void }) {
  const { account, can } = useAccount();
  const location = useLocation();
  let nav!: HTMLElement;
  const isCurrent = (path: string) =>
    path === "/" ? location.pathname === "/" : location.pathname === path || location.pathname.startsWith(`${path}/`);
  // Whoever has seen their first request arrive in this browser has no need of the first steps; they stay until one leaves them.
  const isShown = ({ path, permission }: Destination) =>
    can(permission) && (path !== "/start" || isCurrent(path) || localStorage.started !== account().user.id);
  createEffect(
    on(
      () => location.pathname,
      () => props.onClose(),
      { defer: true },
    ),
  );
  createEffect(() => {
    if (props.open) nav.querySelector<HTMLElement>("a")?.focus();
  });

  return (
    <>
      <Show when={props.open}>
        <div class="fixed inset-0 z-30 bg-veil md:hidden" onClick={() => props.onClose()} aria-hidden="true" />
      </Show>
      <nav
        ref={nav}
        aria-label={t("shell.nav.label")}
        onKeyDown={(event) => event.key === "Escape" && props.onClose()}
        class={`z-30 flex flex-col overflow-y-auto border-r border-rule bg-canvas max-md:fixed max-md:inset-y-0 max-md:left-0 max-md:w-64 max-md:bg-surface md:sticky md:top-0 md:h-screen ${props.open ? "" : "max-md:hidden"}`}
      >
        <div class="flex h-14 items-center gap-3 px-4">
          <RouteLine class="shrink-0 text-accent" end="reached" />
          <span class="text-h2 font-[650] md:max-xl:sr-only">GaiaRouter</span>
          <Button look="quiet" class="ml-auto md:hidden" onClick={() => props.onClose()}>
            {t("common.close")}
          </Button>
        </div>
        <For each={GROUPS}>
          {({ name, destinations }) => (
            <Show when={destinations.some(isShown)}>
              <div class="px-2 pb-4">
                <Show when={name}>{(key) => <p class="caps px-2 pb-1 md:max-xl:sr-only">{t(key())}</p>}</Show>
                <ul>
                  <For each={destinations.filter(isShown)}>
                    {({ path, name: label, keys }) => (
                      <li>
                        <A
                          href={`${path}${carriedSearch(location.search)}`}
                          aria-current={isCurrent(path) ? "page" : undefined}
                          title={`${t(label)} (${keys})`}
                          class={`flex min-h-8 items-center gap-2.5 rounded-control px-2 text-table hover:bg-sunken md:max-xl:justify-center pointer-coarse:min-h-11 ${isCurrent(path) ? "bg-accent-bg font-medium text-ink shadow-[inset_3px_0_var(--color-accent)]" : "text-ink-2"}`}
                        >
                          <Icon drawing={ICONS[path] ?? []} />
                          <span class="truncate md:max-xl:sr-only">{t(label)}</span>
                        </A>
                      </li>
                    )}
                  </For>
                </ul>
              </div>
            </Show>
          )}
        </For>
      </nav>
    </>
  );
}
