import { useNavigate, useParams } from "@solidjs/router";
import { For, Match, Show, Switch } from "solid-js";
import { OrganizationOptions, useAtRoot } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Books } from "./books.tsx";
import { General } from "./general.tsx";
import { Retention } from "./retention.tsx";
import { Webhooks } from "./webhooks.tsx";

const SECTIONS = ["general", "webhooks", "retention", "books"] as const;
type Section = (typeof SECTIONS)[number];

/** Settings by section, which stands in the path. What is the whole tenant's is for administrators of its root. */
export function SettingsPage() {
  const { account, can } = useAccount();
  const atRoot = useAtRoot();
  const navigate = useNavigate();
  const params = useParams<{ section?: string }>();
  const [organization, setOrganization] = useParam("org");
  const place = () => organization() || account().organization.id;
  const allowed: Record<Section, () => boolean> = {
    general: () => true,
    webhooks: () => can("webhooks:read"),
    retention: () => atRoot() && can("organizations:write"),
    books: () => atRoot() && can("reconciliations:read"),
  };
  const section = (): Section => SECTIONS.find((one) => one === params.section) ?? "general";
  const path = (one: Section) => `/settings/${one}${organization() ? `?org=${organization()}` : ""}`;
  return (
    <Page title={t("settings.title")}>
      <div class="md:grid md:grid-cols-[12rem_minmax(0,1fr)] md:gap-8">
        <nav aria-label={t("settings.sections.label")} class="mb-6">
          <ul class="flex flex-wrap gap-1 md:flex-col">
            <For each={SECTIONS.filter((one) => allowed[one]())}>
              {(one) => (
                <li>
                  <a
                    href={path(one)}
                    aria-current={section() === one ? "page" : undefined}
                    class="flex min-h-8 items-center rounded-control px-3 text-table text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-bg aria-[current=page]:font-medium aria-[current=page]:text-ink pointer-coarse:min-h-11"
                    onClick={(event) => {
                      event.preventDefault();
                      navigate(path(one));
                    }}
                  >
                    {t(`settings.sections.${one}`)}
                  </a>
                </li>
              )}
            </For>
          </ul>
        </nav>
        <div class="min-w-0">
          <Show when={section() === "general" || section() === "webhooks"}>
            <div class="mb-4">
              <BarSelect
                steady
                label={t("common.organization")}
                value={place()}
                onChange={(event) => setOrganization(event.currentTarget.value)}
              >
                <OrganizationOptions selected={place()} />
              </BarSelect>
            </div>
          </Show>
          <Switch>
            <Match when={section() === "general" && place()} keyed>
              {(id) => <General id={id} />}
            </Match>
            <Match when={section() === "webhooks"}>
              <Webhooks organization={place()} />
            </Match>
            <Match when={section() === "retention"}>
              <Retention />
            </Match>
            <Match when={section() === "books"}>
              <Books />
            </Match>
          </Switch>
        </div>
      </div>
    </Page>
  );
}
