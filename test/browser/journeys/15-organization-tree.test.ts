import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { asAdmin, askWith } from "./as-admin.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

interface Effective {
  settings: Record<string, { value: unknown }>;
  limits: { id: string }[];
}

journey(dashboard, 15, "a tree of three levels: a branch moves, and what is not empty stays", "/orgs", async (walk) => {
  const { page, ready } = walk;
  const [top, middle, low, elsewhere] = ["top", "middle", "low", "elsewhere"].map((of) => walk.name(of)) as [
    string,
    string,
    string,
    string,
  ];
  const idNow = () => new URL(page.url()).searchParams.get("id") ?? "";
  const create = page.getByRole("dialog", { name: "Create organization" });
  const make = async (name: string): Promise<string> => {
    await walk.focused(create.getByLabel("Name"));
    await walk.fill(create.getByLabel("Name"), name);
    await walk.press(create.getByRole("button", { name: "Create", exact: true }));
    await page.getByRole("dialog", { name }).getByRole("tab", { name: "Overview" }).waitFor();
    return idNow();
  };
  const makeBelow = async (name: string, below: string): Promise<string> => {
    await walk.press(page.getByRole("dialog", { name: below }).getByRole("button", { name: "Create one below" }));
    return make(name);
  };
  const limit = (organization_id: string, amount_usd: string) =>
    asAdmin<{ id: string }>(ready, "POST", "/api/limits", {
      ...{ organization_id, amount_usd, metric: "cost", window: "month", mode: "block" },
    });
  const effective = (id: string) => asAdmin<Effective>(ready, "GET", `/api/organizations/${id}/effective`);

  // Three levels, each made from the one above.
  await walk.press(page.getByRole("main").getByRole("button", { name: "Create organization" }));
  const topId = await make(top);
  const middleId = await makeBelow(middle, top);
  const lowId = await makeBelow(low, middle);
  await walk.stop();
  const there = await asAdmin<{ id: string }>(ready, "POST", "/api/organizations", { name: elsewhere });
  const [lost, gained] = [await limit(topId, "500"), await limit(there.id, "300")];
  await asAdmin(ready, "PATCH", `/api/organizations/${there.id}`, { settings: { max_output_tokens: 4321 } });
  const key = await asAdmin<{ id: string; key: string }>(ready, "POST", "/api/keys", {
    ...{ name: walk.name("kept"), organization_id: lowId },
  });

  // The tree shows them, each under its own, and the address keeps what is open.
  await walk.go("/orgs");
  for (const name of [top, middle]) await walk.press(page.getByRole("button", { name: `Organizations below ${name}` }));
  await page.getByRole("button", { name: `level 4: ${low}` }).waitFor();
  await walk.stop();
  await walk.reload();
  await page.getByRole("button", { name: `level 4: ${low}` }).waitFor();

  // A branch moves: what changes is seen before, and is so after.
  await walk.press(page.getByRole("button", { name: `level 3: ${middle}` }));
  const drawer = page.getByRole("dialog", { name: middle });
  const before = await effective(lowId);
  await walk.press(drawer.getByRole("button", { name: "Move" }));
  const move = page.getByRole("dialog", { name: `Move ${middle} and everything below` });
  await walk.choose(move.getByLabel("It is to stand below"), elsewhere);
  const preview = move.getByRole("region", { name: "What changes" });
  await preview.getByText("2 organizations move. 1 key moves with it.").waitFor();
  const lines = await preview.getByRole("listitem").allTextContents();
  await walk.stop();
  await walk.press(move.getByRole("button", { name: "Move" }));
  await move.waitFor({ state: "hidden" });
  const after = await effective(lowId);
  const ids = ({ limits }: Effective) => limits.map(({ id }) => id).sort();
  expect(ids(before)).toContain(lost.id);
  expect(ids(after)).toEqual([...ids(before).filter((id) => id !== lost.id), gained.id].sort());
  const setting = "Most output tokens";
  expect(lines).toEqual(["gainslimit$300.00 a month", "loseslimit$500.00 a month", `gains${setting}4,321`]);
  expect(after.settings.max_output_tokens?.value).toBe(4321);
  await walk.press(drawer.getByRole("tab", { name: "What holds here" }));
  await drawer.getByRole("listitem").filter({ hasText: "$300.00 a month" }).getByText(`from ${elsewhere}`).waitFor();
  await walk.stop();

  // What is not empty is not deleted, and says what is in the way.
  await walk.press(drawer.getByRole("button", { name: "Delete" }));
  const refused = page.getByRole("dialog", { name: `Delete ${middle} for good?` });
  await refused.getByText("It cannot be deleted while it has:").waitFor();
  await refused.getByRole("link", { name: "1 organization below it" }).waitFor();
  expect(await refused.getByRole("button", { name: /delete/i }).count()).toBe(0);
  await walk.stop();
  await walk.press(refused.getByRole("button", { name: "Close" }).last());
  const response = await fetch(`${ready.router}/api/organizations/${middleId}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${ready.adminKey}` },
  });
  expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
    409,
    "not_empty",
  ]);

  // Its only key goes elsewhere in the same step.
  await walk.go(`/orgs?id=${lowId}`);
  await walk.press(page.getByRole("dialog", { name: low }).getByRole("button", { name: "Delete" }));
  const confirm = page.getByRole("dialog", { name: `Delete ${low} for good?` });
  const place = confirm.getByLabel("Its key moves to");
  await place.waitFor();
  expect(await place.evaluate((field) => (field as HTMLSelectElement).value)).toBe(middleId);
  expect(await place.getByRole("option", { name: low }).count()).toBe(0);
  await walk.fill(confirm.getByRole("textbox"), low);
  await walk.stop();
  await walk.press(confirm.getByRole("button", { name: "Move 1 key and delete" }));
  await confirm.waitFor({ state: "hidden" });
  expect((await asAdmin<{ organization_id: string }>(ready, "GET", `/api/keys/${key.id}`)).organization_id).toBe(
    middleId,
  );
  await expect.poll(async () => (await askWith(ready, key.key)).status).toBe(200);
  await expect.poll(() => new URL(page.url()).searchParams.get("id")).toBe(null);
  await walk.stop();
});
