import { useNavigate } from "@solidjs/router";
import { useAccount } from "../state/account.tsx";
import { isDark, setTheme } from "../state/theme.ts";
import { LOCALES, locale, setLocale, t } from "../text/text.ts";
import type { Standing } from "../ui/later.tsx";
import { MenuOverlay } from "../ui/menu-overlay.tsx";

/** One's account, theme, language, and the way out. */
export function AccountMenu(props: { label: string; name: string; onSignOut: () => void } & Standing) {
  const { account } = useAccount();
  const navigate = useNavigate();
  return (
    <MenuOverlay
      label={props.label}
      look="quiet"
      class="max-w-56"
      startOpen={props.startOpen}
      ref={props.ref}
      items={[
        { label: `${t("shell.account")} (${account().user.email})`, onSelect: () => navigate("/me") },
        {
          label: isDark() ? t("shell.theme.light") : t("shell.theme.dark"),
          onSelect: () => setTheme(isDark() ? "light" : "dark"),
        },
        ...Object.entries(LOCALES)
          .filter(([id]) => id !== locale())
          .map(([id, name]) => ({ label: name, onSelect: () => void setLocale(id as keyof typeof LOCALES) })),
        { label: t("shell.signOut"), onSelect: props.onSignOut },
      ]}
    >
      <span class="truncate">{props.name}</span>
    </MenuOverlay>
  );
}
