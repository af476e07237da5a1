import { createSignal, Show } from "solid-js";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { InvitePeople } from "./invite-people.tsx";
import { Invites } from "./invites.tsx";
import { MemberDrawer } from "./member-drawer.tsx";
import { People } from "./people.tsx";

const TABS = ["people", "invites"] as const;

/** Who has which role, who is asked to join, and what a role may do. */
export function MembersPage() {
  const { can } = useAccount();
  const [tab, setTab] = useChoice("tab", TABS);
  const [open, setOpen] = useParam("id");
  const [, setSort] = useParam("sort");
  const [inviting, setInviting] = createSignal(false);
  const mayInvite = () => can("invites:write");
  useShortcuts(mayInvite() ? [{ keys: "c", label: () => t("members.invite"), run: () => setInviting(true) }] : []);
  return (
    <Page
      title={t("members.title")}
      lead={t("members.lead")}
      actions={
        <Show when={mayInvite()}>
          <Button look="primary" onClick={() => setInviting(true)}>
            {t("members.invite")}
          </Button>
        </Show>
      }
    >
      <Tabs
        label={t("members.title")}
        value={tab()}
        onChange={(id) => {
          // Each list has an order of its own.
          setSort("", "replace");
          setTab(id as (typeof TABS)[number]);
        }}
        tabs={[
          {
            id: "people",
            name: t("members.people"),
            content: () => <People openId={open()} onOpen={setOpen} onInvite={() => setInviting(true)} />,
          },
          { id: "invites", name: t("members.invites"), content: () => <Invites onInvite={() => setInviting(true)} /> },
        ]}
      />
      <MemberDrawer id={open()} onClose={() => setOpen("")} />
      <InvitePeople open={inviting()} onClose={() => setInviting(false)} />
    </Page>
  );
}
