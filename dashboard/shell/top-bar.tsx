import { createSignal, lazy, onMount, Show, Suspense } from "solid-js";
import { useAccount } from "../state/account.tsx";
import { alertNow } from "../state/announce.ts";
import { keysAsWritten } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";

const AccountMenu = lazy(() => import("./account-menu.tsx").then(({ AccountMenu }) => ({ default: AccountMenu })));

/** The way to everything (⌘K), help, and the reader's own account. */
export function TopBar(props: { onMenu: () => void; onSearch: () => void; onHelp: () => void }) {
  const { account, signOut } = useAccount();
  const [problem, setProblem] = createSignal(false);
  // Menus are half of what the first page would have to read: they come once it stands, or is pointed at.
  const [wanted, setWanted] = createSignal<"later" | "closed" | "open">("later");
  onMount(() => setTimeout(() => setWanted((now) => (now === "later" ? "closed" : now)), 1000));

  const leave = () => {
    setProblem(false);
    signOut().catch(() => {
      setProblem(true);
      alertNow(t("shell.notSignedOut"));
    });
  };
  const label = () => `${t("shell.account")}: ${account().user.name}`;
  const standIn = () => (
    <Button look="quiet" class="max-w-56" aria-label={label()} aria-haspopup="true" onClick={() => setWanted("open")}>
      <span class="truncate">{account().user.name}</span>
    </Button>
  );

  return (
    <header class="sticky top-0 z-20 flex min-h-14 items-center gap-2 border-b border-rule bg-canvas px-4 md:px-6">
      <Button look="quiet" class="-ml-2.5 md:hidden" onClick={() => props.onMenu()}>
        {t("shell.nav.menu")}
      </Button>
      <button
        type="button"
        class="flex min-h-8 w-full max-w-80 min-w-0 items-center justify-between gap-3 rounded-control border border-edge bg-surface px-2.5 text-table text-ink-3 hover:text-ink pointer-coarse:min-h-11"
        onClick={() => props.onSearch()}
      >
        <span class="truncate">{t("shell.search")}</span>
        <kbd class="font-mono text-meta max-sm:hidden">{keysAsWritten("mod+k")}</kbd>
      </button>
      <div class="ml-auto flex items-center gap-1">
        <Show when={problem()}>
          <span class="text-table text-bad">{t("shell.notSignedOut")}</span>
        </Show>
        <Button look="quiet" class="max-sm:hidden" onClick={() => props.onHelp()} title={`${t("shell.help")} (?)`}>
          ?<span class="sr-only">{t("shell.help")}</span>
        </Button>
        <Show when={wanted() !== "later"} fallback={standIn()}>
          <Suspense fallback={standIn()}>
            <AccountMenu label={label()} name={account().user.name} open={wanted() === "open"} onSignOut={leave} />
          </Suspense>
        </Show>
      </div>
    </header>
  );
}
