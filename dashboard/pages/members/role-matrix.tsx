import { For } from "solid-js";
import { Section } from "../../components/section.tsx";
import { t } from "../../text/text.ts";
import { CAPABILITIES, may, ROLES } from "./capabilities.ts";

const NAMES = Object.keys(CAPABILITIES) as (keyof typeof CAPABILITIES)[];

/** What each role may do in its organization and below. */
export const RoleMatrix = () => (
  <Section title={t("members.matrix")} class="mt-10 max-w-3xl">
    <div class="scroll-sideways">
      <table class="w-full border-collapse text-table">
        <caption class="sr-only">{t("members.matrix")}</caption>
        <thead>
          <tr class="border-b border-rule text-left">
            <td />
            <For each={ROLES}>
              {(role) => (
                <th scope="col" class="h-8 px-2 text-meta font-semibold whitespace-nowrap text-ink-3">
                  {t(`members.role.${role}`)}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={NAMES}>
            {(capability) => (
              <tr class="border-b border-rule">
                <th scope="row" class="py-1.5 pr-4 text-left font-normal">
                  {t(`members.capabilities.${capability}`)}
                </th>
                <For each={ROLES}>
                  {(role) => (
                    <td class="px-2 py-1.5 whitespace-nowrap">
                      {may(role, capability) ? (
                        <span class="font-medium text-ok">{t("members.may")}</span>
                      ) : (
                        <span class="text-ink-3">{t("members.mayNot")}</span>
                      )}
                    </td>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  </Section>
);
