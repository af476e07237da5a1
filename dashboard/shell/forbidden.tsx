import { Empty } from "../components/empty.tsx";
import { Page } from "../components/page.tsx";
import type { Account } from "../state/account.tsx";
import { t } from "../text/text.ts";

/** In place of a page that the reader's role does not open: what they are, and who can change it. */
export function Forbidden(props: { role: Account["role"]; organization: string }) {
  return (
    <Page title={t("shell.forbidden.title")}>
      <Empty
        title="403"
        hint={t("shell.forbidden.body", { role: t(`shell.roles.${props.role}`), organization: props.organization })}
      />
    </Page>
  );
}
