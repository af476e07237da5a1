import { useNavigate } from "@solidjs/router";
import { useAccount } from "../state/account.tsx";
import { isDark, setTheme } from "../state/theme.ts";
import { LOCALES, locale, setLocale, t } from "../text/text.ts";
import { Menu } from "../ui/menu.tsx";

/** One's account, theme, language, and the way out. */
export function AccountMenu(props: { label: string; name: string; open: boolean; onSignOut: () => void }) {
  const { account } = useAccount();
  const navigate = useNavigate();
  return (
    <Menu
      label={props.label}
      look="quiet"
      class="max-w-56"
      startOpen={props.open}
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
    </Menu>
  );
}
