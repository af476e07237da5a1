import { expect } from "vitest";
import { getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey, Walk } from "./walk.ts";

const dashboard = useDashboard();

const PASSWORD = "a password of a new colleague";

journey(dashboard, 16, "invite five, accept as a lead, and go where the role does not reach", "/me", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" };
  const ours = { "x-gaia-csrf": "1", origin: ready.dashboard };
  const make = async (name: string, parent?: string) => {
    const body = JSON.stringify({ name: walk.name(name), ...(parent ? { parent_id: parent } : {}) });
    const response = await fetch(`${ready.router}/api/organizations`, { method: "POST", headers: admin, body });
    return (await response.json()) as { id: string; name: string };
  };
  const [team, other] = await Promise.all([make("team"), make("other")]);
  const below = await make("below", team.id);
  /** The same way of walking, in a profile of its own. */
  const visit = async (link: string, name: string) => {
    const { pathname, hash } = new URL(link);
    const opened = await dashboard.open(pathname + hash, {
      colorScheme: walk.way.theme,
      viewport: page.viewportSize(),
    });
    const visitor = new Walk(opened, ready, walk.way, 16);
    await visitor.fill(opened.page.getByLabel("Your name"), name);
    await visitor.fill(opened.page.getByLabel("Password"), PASSWORD);
    await visitor.press(opened.page.getByRole("button", { name: "Accept and sign in" }));
    await opened.page.waitForURL(`${ready.dashboard}/`);
    await opened.page.getByRole("heading", { level: 1 }).waitFor();
    return visitor;
  };
  /** An address that opens a dialog over its page, which hides the page's name. */
  const openRecord = (who: Walk, path: string) => who.page.goto(ready.dashboard + path);
  /** What the API answers somebody who is signed in. */
  const answered = async (who: Walk, path: string) => {
    const response = await who.page.request.get(ready.dashboard + path);
    return { status: response.status(), body: (await response.json()) as { data: { id: string }[] } };
  };

  // Five lines: what is wrong with one keeps no other from being sent.
  await walk.go(`/members?org=${team.id}`);
  await walk.press(page.getByRole("button", { name: "Invite people" }).first());
  const invite = page.getByRole("dialog", { name: "Invite people" });
  const emails = ["lead", "two", "three", "four"].map((one) => `${walk.name(one)}@example.com`);
  await walk.fill(
    invite.getByLabel("E-mail addresses"),
    [...emails.slice(0, 2), "nobody", ...emails.slice(2)].join("\n"),
  );
  await walk.choose(invite.getByLabel("Role", { exact: true }), "admin");
  await invite.getByRole("table", { name: "What each role may do" }).waitFor();
  await walk.stop();
  await walk.press(invite.getByRole("button", { name: "Invite people" }));
  const lines = invite.getByRole("listitem");
  await expect.poll(() => lines.count()).toBe(5);
  expect(await lines.nth(2).textContent()).toBe("nobodyThis is not an e-mail address.");
  const links = await invite.locator("code").allTextContents();
  expect(links).toHaveLength(4);
  await walk.stop();
  type Invites = { data: { email: string; status: string; role: string; organization_id: string }[] };
  const sent = await answered(walk, `/api/invites?organization=${team.id}`);
  expect((sent.body as unknown as Invites).data.map(({ email, status, role }) => [email, status, role]).sort()).toEqual(
    emails.map((email) => [email, "open", "admin"]).sort(),
  );
  await walk.press(invite.getByRole("button", { name: "Mend those" }));
  expect(await invite.getByLabel("E-mail addresses").inputValue()).toBe("nobody");
  await invite.getByText("nobody: This is not an e-mail address.").waitFor();
  await walk.stop();

  // A lead sees what is theirs, and what is below.
  const lead = await visit(links[0] ?? "", walk.name("Lead"));
  await lead.go("/orgs");
  await lead.page.getByRole("button", { name: `level 1: ${team.name}` }).waitFor();
  expect(await lead.page.getByText(other.name).count()).toBe(0);
  const seen = await answered(lead, "/api/organizations");
  expect(seen.body.data.map(({ id }) => id).sort()).toEqual([team.id, below.id].sort());
  expect((await answered(lead, `/api/organizations/${other.id}`)).status).toBe(404);
  await openRecord(lead, `/orgs?id=${other.id}`);
  await lead.page.getByRole("dialog").getByRole("alert").waitFor();
  await lead.expectReported(/404/);
  await lead.stop();
  await lead.go("/settings/retention");
  await lead.page.getByText("This is for admins and owners of the organization at the top").waitFor();
  await lead.stop();
  expect((await answered(lead, "/api/retention")).status).toBe(403);
  const owners = await lead.page.request.post(`${ready.dashboard}/api/invites`, {
    headers: ours,
    data: { role: "owner", emails: ["owner@example.com"] },
  });
  expect(owners.status()).toBe(403);

  // The lead's own viewer asks for what is not a viewer's, and reads who could change that.
  const asked = await lead.page.request.post(`${ready.dashboard}/api/invites`, {
    headers: ours,
    data: { role: "viewer", emails: [`${walk.name("viewer")}@example.com`] },
  });
  const { data } = (await asked.json()) as { data: { url: string }[] };
  const viewer = await visit(data[0]?.url ?? "", walk.name("Viewer"));
  await viewer.go("/audit");
  await viewer.page.getByRole("heading", { name: "This page is not for your role" }).waitFor();
  await viewer.page.getByText(`You are a viewer at ${team.name}.`).waitFor();
  await viewer.page
    .getByRole("listitem")
    .filter({ hasText: `${walk.name("Lead")} (${emails[0]}), an admin` })
    .waitFor();
  expect((await answered(viewer, "/api/audit")).status).toBe(403);
  await viewer.stop();

  // The owner ends the lead's sessions, one and then all: the lead's own page asks for the password at its next step.
  const email = emails[0] ?? "";
  const byScript = { ...ours, "content-type": "application/json", origin: ready.router, "user-agent": "script/1.0" };
  for (let more = 0; more < 2; more++) {
    const session = await fetch(`${ready.router}/api/session`, {
      method: "POST",
      headers: byScript,
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    expect(session.status).toBe(200);
  }
  const { data: people } = await getJson<{ data: { id: string; name: string }[] }>(
    ready.router,
    `/api/members?q=${email}`,
    admin,
  );
  await openRecord(walk, `/members?org=${team.id}&id=${people[0]?.id}`);
  const drawer = page.getByRole("dialog", { name: walk.name("Lead") });
  const sessions = drawer.getByRole("region", { name: "Sessions" });
  const devices = async () =>
    (await sessions.getByRole("listitem").allTextContents()).map(
      (row) => /^(.*?)last seen .* · signed in /.exec(row)?.[1],
    );
  await expect.poll(async () => (await devices()).sort()).toEqual(["Chrome · Linux", "script/1.0", "script/1.0"]);
  await walk.stop();
  const endOne = sessions.getByRole("button", { name: "End script/1.0" }).first();
  await walk.press(endOne);
  const one = page.getByRole("dialog", { name: `End a session of ${walk.name("Lead")}?` });
  await one.getByText(/^script\/1\.0, signed in .*, last seen/).waitFor();
  await walk.focused(one.getByRole("button", { name: "Cancel" }));
  await walk.stop();
  await walk.press(one.getByRole("button", { name: "End the session" }));
  await expect.poll(async () => (await devices()).sort()).toEqual(["Chrome · Linux", "script/1.0"]);
  await walk.focused(sessions.getByRole("heading", { name: "Sessions" }));
  expect((await answered(lead, "/api/me")).status).toBe(200);
  await walk.press(sessions.getByRole("button", { name: "End all sessions" }));
  const all = page.getByRole("dialog", { name: `End all sessions of ${walk.name("Lead")}?` });
  await all.getByText("2 sessions end, wherever they are open.").waitFor();
  await walk.focused(all.getByRole("button", { name: "Cancel" }));
  await walk.press(all.getByRole("button", { name: "End all sessions" }));
  await sessions.getByText("Signed in nowhere.").waitFor();
  expect(await sessions.getByRole("status").textContent()).toBe(`2 sessions of ${walk.name("Lead")} have ended.`);
  await walk.stop();
  await lead.keys("g k");
  const again = lead.page.getByRole("dialog", { name: "Your session has ended" });
  await lead.focused(again.getByLabel("Password"));
  await lead.expectReported(/401/);
  await lead.fill(again.getByLabel("Password"), PASSWORD);
  await lead.press(again.getByRole("button", { name: "Sign in", exact: true }));
  await again.waitFor({ state: "detached" });
  expect((await answered(lead, "/api/audit")).status).toBe(200);

  // The lead's own name, changed in two tabs: both versions are seen, here too.
  await lead.go("/me");
  await lead.fill(lead.page.getByLabel("Name", { exact: true }), "Mine");
  const elsewhere = { headers: ours, data: { name: `${walk.name("Lead")} II` } };
  expect((await lead.page.request.patch(`${ready.dashboard}/api/me`, elsewhere)).ok()).toBe(true);
  await lead.press(lead.page.getByRole("button", { name: "Save", exact: true }));
  const names = lead.page.getByRole("dialog", { name: "Somebody else saved first" }).getByRole("row");
  await names.filter({ hasText: `NameMine${elsewhere.data.name}` }).waitFor();
  await lead.expectReported(/412/);
  await lead.stop();
  await lead.press(lead.page.getByRole("button", { name: "Take theirs" }));
  const taken = () => lead.page.getByLabel("Name", { exact: true }).inputValue();
  await expect.poll(taken).toBe(elsewhere.data.name);

  // The owner gives the lead less, with what each role may do beside it; and nobody takes the owner's own.
  await drawer.getByRole("table", { name: "What each role may do" }).waitFor();
  // Somebody else has given the lead another role meanwhile: both versions are seen before one holds.
  const meanwhile = await page.request.patch(`${ready.dashboard}/api/members/${people[0]?.id}`, {
    headers: ours,
    data: { organization_id: team.id, role: "member" },
  });
  expect(meanwhile.ok()).toBe(true);
  await walk.choose(drawer.getByLabel(`Role at ${team.name}`), "viewer");
  const both = page.getByRole("dialog", { name: "Somebody else saved first" });
  await expect
    .poll(() => both.getByRole("row").allTextContents())
    .toEqual([expect.any(String), `Role at ${team.name}viewermember`]);
  await walk.expectReported(/412/);
  await walk.stop();
  await walk.press(both.getByRole("button", { name: "Save mine" }));
  const role = async () => (await getJson<{ role: string }>(ready.router, `/api/members/${people[0]?.id}`, admin)).role;
  await expect.poll(role).toBe("viewer");
  await walk.stop();
  expect((await answered(lead, "/api/audit")).status).toBe(403);
  const { user } = (await answered(walk, "/api/me")).body as unknown as { user: { id: string; name: string } };
  await openRecord(walk, `/members?id=${user.id}`);
  const own = page.getByRole("dialog", { name: user.name });
  await own.getByText("The last owner of the whole stays.").waitFor();
  expect(await own.getByRole("button", { name: "Remove" }).count()).toBe(0);
  await walk.stop();
});
