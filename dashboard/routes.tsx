import { Route, Router } from "@solidjs/router";
import { type Component, lazy } from "solid-js";
import { Missing } from "./shell/missing.tsx";
import { Shell } from "./shell/shell.tsx";
import type { Namespace } from "./text/keys.ts";
import { loadTexts } from "./text/text.ts";

/** A page and its texts, read when somebody goes there, or is about to. */
const page = (texts: Namespace, load: () => Promise<Component>) =>
  lazy(async () => {
    const [component] = await Promise.all([load(), loadTexts(texts)]);
    return { default: component };
  });

const Overview = page("overview", async () => (await import("./pages/overview/overview.tsx")).OverviewPage);
const Logs = page("logs", async () => (await import("./pages/logs/logs.tsx")).LogsPage);
const Usage = page("usage", async () => (await import("./pages/usage/usage.tsx")).UsagePage);
const Sessions = page("sessions", async () => (await import("./pages/sessions/sessions.tsx")).SessionsPage);
const Playground = page("playground", async () => (await import("./pages/playground/playground.tsx")).PlaygroundPage);
const Keys = page("keys", async () => (await import("./pages/keys/keys.tsx")).KeysPage);
const Organizations = page(
  "organizations",
  async () => (await import("./pages/organizations/organizations.tsx")).OrganizationsPage,
);
const Members = page("members", async () => (await import("./pages/members/members.tsx")).MembersPage);
const Budgets = page("budgets", async () => (await import("./pages/budgets/budgets.tsx")).BudgetsPage);
const ModelRoutes = page("routes", async () => (await import("./pages/routes/routes.tsx")).RoutesPage);
const Models = page("models", async () => (await import("./pages/models/models.tsx")).ModelsPage);
const Audit = page("audit", async () => (await import("./pages/audit/audit.tsx")).AuditPage);
const Settings = page("settings", async () => (await import("./pages/settings/settings.tsx")).SettingsPage);
const Account = page("account", async () => (await import("./pages/account/account.tsx")).AccountPage);
const Start = page("start", async () => (await import("./pages/start/start.tsx")).StartPage);

/** Every page by its path. */
export const Routes = () => (
  <Router root={Shell}>
    <Route path="/" component={Overview} />
    <Route path="/logs" component={Logs} />
    <Route path="/usage" component={Usage} />
    <Route path="/sessions" component={Sessions} />
    <Route path="/play" component={Playground} />
    <Route path="/keys" component={Keys} />
    <Route path="/orgs" component={Organizations} />
    <Route path="/members" component={Members} />
    <Route path="/budgets" component={Budgets} />
    <Route path="/routes" component={ModelRoutes} />
    <Route path="/models" component={Models} />
    <Route path="/audit" component={Audit} />
    <Route path="/settings/:section?" component={Settings} />
    <Route path="/me" component={Account} />
    <Route path="/start" component={Start} />
    <Route path="*" component={Missing} />
  </Router>
);
