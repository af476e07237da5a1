import { lazy } from "solid-js";
import { loadTexts, t } from "../text/text.ts";
import { LaterDialog } from "./later-dialog.tsx";
import type { Page } from "./saved-views-dialog.tsx";

const SavedViewsDialog = lazy(async () => {
  const [{ SavedViewsDialog }] = await Promise.all([import("./saved-views-dialog.tsx"), loadTexts("editing")]);
  return { default: SavedViewsDialog };
});

/** What somebody has kept of a page's address: for themselves, or for those of their organization. */
export const SavedViews = (props: { page: Page; path: string }) => (
  <LaterDialog label={t("common.views.title")}>
    {(open, close) => <SavedViewsDialog page={props.page} path={props.path} open={open()} onClose={close} />}
  </LaterDialog>
);
