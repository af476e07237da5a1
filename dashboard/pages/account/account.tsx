import { Page } from "../../components/page.tsx";
import { t } from "../../text/text.ts";
import { Appearance } from "./appearance.tsx";
import { Password } from "./password.tsx";
import { Profile } from "./profile.tsx";
import { SecondFactors } from "./second-factors.tsx";
import { Sessions } from "./sessions.tsx";

/** One's own name, password, second factors, sessions, and how the dashboard looks. */
export function AccountPage() {
  return (
    <Page title={t("account.title")}>
      <div class="grid gap-x-12 gap-y-10 lg:grid-cols-2">
        <Profile />
        <Appearance />
        <Password />
        <Sessions />
        <SecondFactors />
      </div>
    </Page>
  );
}
