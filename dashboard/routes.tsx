import { Route, Router } from "@solidjs/router";
import { type Component, For, lazy } from "solid-js";
import { GROUPS } from "./shell/destinations.ts";
import { Missing } from "./shell/missing.tsx";
import { Shell } from "./shell/shell.tsx";
import { type Permission, useAccount } from "./state/account.tsx";
import type { Words } from "./text/keys.ts";
import { loadTexts } from "./text/text.ts";
import { onceIdle } from "./ui/once-idle.ts";

/** A page and its words, read when somebody goes there, or is about to. */
const page = (words: Words, load: () => Promise<Component>) =>
  lazy(async () => {
    const [component] = await Promise.all([load(), loadTexts(words)]);
    return { default: component };
  });
/** A page where something can be changed. */
const editor = (words: Words, load: () => Promise<Component>) =>
  page(words, async () => (await Promise.all([load(), loadTexts("editing")]))[0]);

const Overview = page("frame", async () => (await import("./pages/overview/overview.tsx")).OverviewPage);
const Logs = page("logs", async () => (await import("./pages/logs/logs.tsx")).LogsPage);
const Usage = page("usage", async () => (await import("./pages/usage/usage.tsx")).UsagePage);
const Sessions = page("sessions", async () => (await import("./pages/sessions/sessions.tsx")).SessionsPage);
const Refused = page("refused", async () => (await import("./pages/refused/refused.tsx")).RefusedPage);
const Playground = editor("playground", async () => (await import("./pages/playground/playground.tsx")).PlaygroundPage);
const Keys = editor("keys", async () => (await import("./pages/keys/keys.tsx")).KeysPage);
const Organizations = editor(
  "organizations",
  async () => (await import("./pages/organizations/organizations.tsx")).OrganizationsPage,
);
const Members = editor("members", async () => (await import("./pages/members/members.tsx")).MembersPage);
const Budgets = editor("budgets", async () => (await import("./pages/budgets/budgets.tsx")).BudgetsPage);
const ModelRoutes = editor("routes", async () => (await import("./pages/routes/routes.tsx")).RoutesPage);
const Models = editor("models", async () => (await import("./pages/models/models.tsx")).ModelsPage);
const Audit = page("audit", async () => (await import("./pages/audit/audit.tsx")).AuditPage);
const Settings = editor("settings", async () => (await import("./pages/settings/settings.tsx")).SettingsPage);
const Account = editor("account", async () => (await import("./pages/account/account.tsx")).AccountPage);
const Start = editor("start", async () => (await import("./pages/start/start.tsx")).StartPage);

/** Every page by its path. */
const PAGES = [
  { path: "/", page: Overview },
  { path: "/logs", page: Logs },
  { path: "/usage", page: Usage },
  { path: "/sessions", page: Sessions },
  { path: "/refused", page: Refused },
  { path: "/play", page: Playground },
  { path: "/keys", page: Keys },
  { path: "/orgs", page: Organizations },
  { path: "/members", page: Members },
  { path: "/budgets", page: Budgets },
  { path: "/routes", page: ModelRoutes },
  { path: "/models", page: Models },
  { path: "/audit", page: Audit },
  { path: "/settings/:section?", page: Settings },
  { path: "/me", page: Account },
  { path: "/start", page: Start },
];

/** What tells the pages' addresses apart. */
const stepOf = (path: string) => path.split("/")[1];

/** Reads the page of an address ahead, while the gateway is asked who is there. */
export const readPage = (pathname: string): void =>
  void PAGES.find(({ path }) => stepOf(path) === stepOf(pathname))
    ?.page.preload()
    // Shown when the page is.
    .catch(() => undefined);

/** Reads the pages that somebody may open, one after the other; not where their browser saves what is read. */
async function readAhead(can: (permission: Permission) => boolean): Promise<void> {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
  const open = GROUPS.flatMap(({ destinations }) => destinations).filter(({ permission }) => can(permission));
  for (const { path, page } of PAGES) if (open.some((one) => stepOf(one.path) === stepOf(path))) await page.preload();
}

export function Routes() {
  const { can } = useAccount();
  onceIdle(() => readAhead(can));
  return (
    <Router root={Shell}>
      <For each={PAGES}>{({ path, page }) => <Route path={path} component={page} />}</For>
      <Route path="*" component={Missing} />
    </Router>
  );
}
