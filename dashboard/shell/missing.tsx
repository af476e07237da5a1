import { A } from "@solidjs/router";
import { Empty } from "../components/empty.tsx";
import { Page } from "../components/page.tsx";
import { t } from "../text/text.ts";

/** In place of a page that there is none of. */
export function Missing() {
  return (
    <Page title={t("shell.missing.title")}>
      <Empty title="404" hint={t("shell.missing.body")}>
        <A href="/" class="text-accent underline">
          {t("shell.missing.home")}
        </A>
      </Empty>
    </Page>
  );
}
