import { createSignal, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { useAccount } from "../state/account.tsx";
import { alertNow } from "../state/announce.ts";
import { keysAsWritten } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Later } from "../ui/later.tsx";

const readMenu = async () => (await import("./account-menu.tsx")).AccountMenu;

/** The way to everything (⌘K), help, and the reader's own account. */
export function TopBar(props: { onMenu: () => void; onSearch: () => void; onHelp: () => void }) {
  const { account, signOut } = useAccount();
  const [problem, setProblem] = createSignal(false);

  const leave = () => {
    setProblem(false);
    signOut().catch(() => {
      setProblem(true);
      alertNow(t("shell.notSignedOut"));
    });
  };
  const label = () => `${t("shell.account")}: ${account().user.name}`;

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
        <Later
          read={readMenu}
          standIn={{
            ...{ look: "quiet", class: "max-w-56" },
            get "aria-label"() {
              return label();
            },
            get children() {
              return <span class="truncate">{account().user.name}</span>;
            },
          }}
        >
          {(menu, standing) => (
            <Dynamic component={menu} label={label()} name={account().user.name} onSignOut={leave} {...standing} />
          )}
        </Later>
      </div>
    </header>
  );
}
