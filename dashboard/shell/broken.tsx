import { Empty } from "../components/empty.tsx";
import { Page } from "../components/page.tsx";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";

/** In place of a page that met an error of its own. */
export function Broken(props: { error: unknown }) {
  return (
    <Page title={t("shell.broken.title")}>
      <Empty title={t("shell.broken.title")} hint={String(props.error)}>
        <Button look="primary" onClick={() => window.location.reload()}>
          {t("shell.broken.again")}
        </Button>
      </Empty>
    </Page>
  );
}
