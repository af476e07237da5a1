import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { api, ask, askWithTag, ifTag } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions, useOrganizations } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { say } from "../../ui/toast.tsx";
import { ROLES } from "./capabilities.ts";
import type { Member } from "./member-drawer.tsx";
import { type Place, type RoleConflict, RolesChanged } from "./roles-changed.tsx";

type Role = (typeof ROLES)[number];

/** A person's roles, each to be changed or taken; and another place where they are to have one. */
export function MemberRoles(props: { member: Member; tag: string | null; onChanged: () => void }) {
  const { can, account } = useAccount();
  const client = useQueryClient();
  const form = createForm();
  const [place, setPlace] = createSignal("");
  const [role, setRole] = createSignal<Role>("member");
  const [conflict, setConflict] = createSignal<RoleConflict | null>(null);
  const organizations = useOrganizations();
  const mayChange = () => can("members:write");
  const reread = () => {
    props.onChanged();
    void client.invalidateQueries({ queryKey: ["members", "list"] });
  };
  const send = (organization: string, wanted: Role | null, tag: string | null): Promise<unknown> => {
    const param = { id: props.member.id };
    return wanted === null
      ? ask(api.members[":id"].$delete({ param, query: { organization } }, ifTag(tag)))
      : ask(api.members[":id"].$patch({ param, json: { organization_id: organization, role: wanted } }, ifTag(tag)));
  };
  /** Gives a role in place of the one they have there, or takes it (null). `undo`: shows again what was chosen before. */
  const change = async (place: Place, wanted: Role | null, undo = () => {}, tag = props.tag): Promise<void> => {
    const seen = props.member.roles;
    const done = await form.send(() => send(place.organization_id, wanted, tag));
    if (done) {
      say(t(wanted === null ? "members.roleTaken" : "members.roleGiven", { name: props.member.name }));
      setPlace("");
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      const shown = await form.send(async () => {
        const param = { id: props.member.id };
        setConflict({ place, wanted, undo, seen, now: await askWithTag(api.members[":id"].$get({ param })) });
      });
      // What lies below the two versions stays as it is until one is chosen.
      if (shown) return;
    }
    if (!done) undo();
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
                  onChange={({ currentTarget: field }) => {
                    void change(one, field.value as Role, () => {
                      field.value = one.role;
                    });
                  }}
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
                  <Button look="quiet" disabled={form.busy()} onClick={() => void change(one, null)}>
                    {t("common.remove")}
                    <span class="sr-only">{one.organization_name}</span>
                  </Button>
                </Show>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={mayChange() && props.member.id === account().user.id}>
        <p class="mt-2 text-meta text-ink-2">{t("members.ownRoles")}</p>
      </Show>
      <Show when={mayChange()}>
        <form
          class="mt-3 flex flex-wrap items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            const organization_name = organizations.data?.data.find(({ id }) => id === place())?.name ?? place();
            if (place()) void change({ organization_id: place(), organization_name }, role());
          }}
        >
          <BarSelect steady label={t("members.anotherPlace")} onChange={(event) => setPlace(event.currentTarget.value)}>
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
      <RolesChanged
        conflict={conflict()}
        onTake={({ undo }) => {
          setConflict(null);
          undo();
          reread();
        }}
        onOverwrite={({ place, wanted, undo, now }) => {
          setConflict(null);
          void change(place, wanted, undo, now.tag);
        }}
      />
    </section>
  );
}
