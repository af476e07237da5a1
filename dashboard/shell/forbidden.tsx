import { ForbiddenNote } from "../components/forbidden-note.tsx";
import { Page } from "../components/page.tsx";
import { t } from "../text/text.ts";

/** In place of a page that the reader's role does not open. */
export const Forbidden = () => (
  <Page title={t("shell.forbidden.title")}>
    <ForbiddenNote />
  </Page>
);
