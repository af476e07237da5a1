import { For } from "solid-js";
import { Section } from "../../components/section.tsx";
import { t } from "../../text/text.ts";

/** From the least to the most. */
export const ROLES = ["viewer", "member", "admin", "owner"] as const;

type Role = (typeof ROLES)[number];

/** A member sees what their own keys used: of everybody's usage a viewer sees more. */
const MAY = {
  see: ROLES,
  usage: ["viewer", "admin", "owner"],
  own: ["member", "admin", "owner"],
  manage: ["admin", "owner"],
  audit: ["admin", "owner"],
  people: ["admin", "owner"],
  owners: ["owner"],
} as const satisfies Record<string, readonly Role[]>;
const CAPABILITIES = Object.keys(MAY) as (keyof typeof MAY)[];
const may = (role: Role, capability: keyof typeof MAY): boolean => (MAY[capability] as readonly Role[]).includes(role);

/** What each role may do in its organization and below. `marked`: the one that is being given. */
export const RoleMatrix = (props: { class?: string; marked?: Role }) => (
  <Section title={t("members.matrix")} class={props.class}>
    <div class="scroll-sideways">
      <table class="w-full border-collapse text-table">
        <caption class="sr-only">{t("members.matrix")}</caption>
        <thead>
          <tr class="border-b border-rule text-left">
            <td />
            <For each={ROLES}>
              {(role) => (
                <th
                  scope="col"
                  class={`h-8 px-2 text-meta font-semibold whitespace-nowrap ${role === props.marked ? "bg-accent-bg text-ink" : "text-ink-3"}`}
                >
                  {t(`members.role.${role}`)}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={CAPABILITIES}>
            {(capability) => (
              <tr class="border-b border-rule">
                <th scope="row" class="py-1.5 pr-4 text-left font-normal">
                  {t(`members.capabilities.${capability}`)}
                </th>
                <For each={ROLES}>
                  {(role) => (
                    <td class={`px-2 py-1.5 whitespace-nowrap ${role === props.marked ? "bg-accent-bg" : ""}`}>
                      {may(role, capability) ? (
                        <span class="font-medium text-ok">{t("members.may")}</span>
                      ) : (
                        <span class={role === props.marked ? "text-ink-2" : "text-ink-3"}>{t("members.mayNot")}</span>
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
