import { A, useParams } from "@solidjs/router";
import { For } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Books } from "./books.tsx";
import { General } from "./general.tsx";
import { Retention } from "./retention.tsx";
import { Webhooks } from "./webhooks.tsx";

const SECTIONS = { general: General, webhooks: Webhooks, retention: Retention, books: Books } as const;
type Section = keyof typeof SECTIONS;
const NAMES = Object.keys(SECTIONS) as Section[];

/** Settings of the organization one acts at, each section by its own address. */
export function SettingsPage() {
  const params = useParams<{ section?: string }>();
  const { account } = useAccount();
  const section = (): Section => NAMES.find((name) => name === params.section) ?? "general";
  return (
    <Page title={t("settings.title")} lead={t("settings.of", { organization: account().organization.name })}>
      <div class="grid gap-x-10 gap-y-6 lg:grid-cols-[12rem_minmax(0,1fr)]">
        <nav aria-label={t("settings.sections")}>
          <ul class="flex flex-wrap gap-1 lg:flex-col">
            <For each={NAMES}>
              {(name) => (
                <li>
                  <A
                    href={`/settings/${name}`}
                    aria-current={name === section() ? "page" : undefined}
                    class={`flex min-h-8 items-center rounded-control px-2.5 text-table hover:bg-sunken pointer-coarse:min-h-11 ${name === section() ? "bg-accent-bg font-medium" : "text-ink-2"}`}
                  >
                    {t(`settings.${name}.title`)}
                  </A>
                </li>
              )}
            </For>
          </ul>
        </nav>
        <Dynamic component={SECTIONS[section()]} />
      </div>
    </Page>
  );
}
