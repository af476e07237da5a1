import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { api, ask, ifTag } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { say } from "../../ui/toast.tsx";
import { ROLES } from "./capabilities.ts";
import type { Member } from "./member-drawer.tsx";

type Role = (typeof ROLES)[number];

/** A person's roles, each to be changed or taken; and another place where they are to have one. */
export function MemberRoles(props: { member: Member; tag: string | null; onChanged: () => void }) {
  const { can, account } = useAccount();
  const client = useQueryClient();
  const form = createForm();
  const [place, setPlace] = createSignal("");
  const [role, setRole] = createSignal<Role>("member");
  const mayChange = () => can("members:write");
  const reread = () => {
    props.onChanged();
    void client.invalidateQueries({ queryKey: ["members", "list"] });
  };
  const give = async (organization: string, wanted: Role) => {
    const done = await form.send(() =>
      ask(
        api.members[":id"].$patch(
          { param: { id: props.member.id }, json: { organization_id: organization, role: wanted } },
          ifTag(props.tag),
        ),
      ),
    );
    if (done) {
      say(t("members.roleGiven", { name: props.member.name }));
      setPlace("");
    }
    reread();
  };
  const take = async (organization: string) => {
    const done = await form.send(() =>
      ask(api.members[":id"].$delete({ param: { id: props.member.id }, query: { organization } }, ifTag(props.tag))),
    );
    if (done) say(t("members.roleTaken", { name: props.member.name }));
    reread();
  };

  return (
    <section aria-label={t("members.roles")}>
      <h3 class="caps mb-1">{t("members.roles")}</h3>
      <ul class="border-t border-rule">
        <For each={props.member.roles}>
          {(one) => (
            <li class="flex min-h-11 flex-wrap items-center gap-3 border-b border-rule py-1">
              <span class="min-w-0 flex-1">{one.organization_name}</span>
              <Show when={one.managed}>
                <Chip tone="plain">{t("members.managed")}</Chip>
              </Show>
              <Show
                when={mayChange() && props.member.id !== account().user.id}
                fallback={<span>{t(`members.role.${one.role}`)}</span>}
              >
                <BarSelect
                  label={t("members.roleAt", { organization: one.organization_name })}
                  disabled={form.busy()}
                  onChange={(event) => void give(one.organization_id, event.currentTarget.value as Role)}
                >
                  <For each={ROLES}>
                    {(value) => (
                      <option value={value} selected={value === one.role}>
                        {t(`members.role.${value}`)}
                      </option>
                    )}
                  </For>
                </BarSelect>
                <Show when={props.member.roles.length > 1}>
                  <Button look="quiet" disabled={form.busy()} onClick={() => void take(one.organization_id)}>
                    {t("common.remove")}
                    <span class="sr-only">{one.organization_name}</span>
                  </Button>
                </Show>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={mayChange()}>
        <form
          class="mt-3 flex flex-wrap items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (place()) void give(place(), role());
          }}
        >
          <BarSelect label={t("members.anotherPlace")} onChange={(event) => setPlace(event.currentTarget.value)}>
            <option value="" selected={place() === ""}>
              {t("members.anotherPlace")}
            </option>
            <OrganizationOptions selected={place()} />
          </BarSelect>
          <BarSelect label={t("members.roles")} onChange={(event) => setRole(event.currentTarget.value as Role)}>
            <For each={ROLES}>
              {(value) => (
                <option value={value} selected={value === role()}>
                  {t(`members.role.${value}`)}
                </option>
              )}
            </For>
          </BarSelect>
          <Button look="plain" type="submit" disabled={place() === "" || form.busy()}>
            {t("members.give")}
          </Button>
        </form>
      </Show>
      <div class="mt-3">
        <FormFailure form={form} />
      </div>
    </section>
  );
}
