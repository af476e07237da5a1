import { askToSignIn } from "../api/client.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";

/** Says that nothing can be asked or saved until its reader signs in again, once they chose to look at the page first. */
export const SessionBanner = () => (
  <div class="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-rule bg-warn-bg px-4 py-2 text-table text-warn md:px-6">
    <p>{t("signIn.expired.putOff")}</p>
    <Button look="plain" class="bg-surface" onClick={askToSignIn}>
      {t("signIn.expired.again")}
    </Button>
  </div>
);
