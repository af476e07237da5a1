import { randomBytes } from "node:crypto";
import { beforeAll, expect, inject } from "vitest";
import { createDatabase } from "../../../drizzle/client.ts";
import { apiKeys } from "../../../drizzle/schema/index.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { newId } from "../../../worker/lib/ids.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { useDashboard } from "../browser.ts";
import { asAdmin } from "./as-admin.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();
const MANY = 500;
const EVERY = "every-one-of-many";

interface Key {
  id: string;
  name: string;
  status: string;
  version: number;
  expires_at: string | null;
}

/** Five hundred, once for all ways: nobody's text opens one of them. */
beforeAll(async () => {
  const { ready } = dashboard;
  const { data } = await asAdmin<{ data: { id: string; parent_id: string | null }[] }>(
    ready,
    "GET",
    "/api/organizations?limit=200",
  );
  const rootId = data.find(({ parent_id }) => parent_id === null)?.id ?? "";
  const random = (bytes: number) => randomBytes(bytes).toString("hex");
  const database = createDatabase(inject("database"));
  await forRoot(database, rootId).batch([
    database.insert(apiKeys).values(
      Array.from({ length: MANY }, (_, index) => ({
        id: newId("key", secureRandom),
        ...{ rootId, organizationId: rootId, name: `${EVERY}-${index}`, mac: random(32) },
        ...{ hint: `sk-gaia-${random(2)}…${random(2)}`, permissions: ["read" as const], createdBy: "setup" },
      })),
    ),
  ]);
});

/** All that are listed, as they stand. */
async function keysNow(): Promise<Key[]> {
  const keys: Key[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: { data: Key[]; next_cursor: string | null } = await asAdmin(
      dashboard.ready,
      "GET",
      `/api/keys?q=${EVERY}&limit=200${cursor ? `&cursor=${cursor}` : ""}`,
    );
    keys.push(...page.data);
    cursor = page.next_cursor;
  }
  return keys;
}

journey(dashboard, 14, "five hundred keys at once, of which one is refused", "/keys", async (walk) => {
  const { page, ready } = walk;
  const odd = walk.name(EVERY);
  const refused = await asAdmin<Key>(ready, "POST", "/api/keys", { name: odd });
  const before = new Map((await keysNow()).map((key) => [key.id, key]));
  // Those that other ways have ended are not among them.
  const all = [...before.values()].filter(({ status }) => status === "active").length;
  expect(all).toBeGreaterThan(MANY);

  await walk.press(page.getByRole("searchbox", { name: "Name or end of the key" }));
  await page.keyboard.insertText(EVERY);
  await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe(EVERY);
  await page.getByRole("row").filter({ hasText: EVERY }).first().waitFor();
  await walk.press(page.getByRole("checkbox", { name: "Select all rows shown" }));
  const bar = page.getByRole("region", { name: "With the selected rows" });
  // Fifty rows lie between: a letter goes past them.
  const toBar = () => walk.way.input === "keyboard" && walk.keys("b");
  await toBar();
  await walk.press(bar.getByRole("button", { name: "Select all that match" }));
  await bar.getByText(`${all} selected`).waitFor();
  await walk.stop();

  // Somebody ends one of them while a day is chosen for all.
  await toBar();
  await walk.press(bar.getByRole("button", { name: "Change expiry" }));
  const dialog = page.getByRole("dialog", { name: "When the selected keys expire" });
  const day = dialog.getByLabel("Expires");
  await walk.focused(day);
  if (walk.way.input === "keyboard") await page.keyboard.type("05202031");
  else await day.fill("2031-05-20");
  expect(await day.inputValue()).toBe("2031-05-20");
  await asAdmin(ready, "POST", `/api/keys/${refused.id}/revoke`);
  await walk.stop();
  const progress: number[] = [];
  await page.exposeFunction("progressed", (value: number) => progress.push(value));
  await page.evaluate(() => {
    const { progressed } = window as unknown as { progressed(value: number): void };
    new MutationObserver(() => {
      const bar = document.querySelector("progress");
      if (bar) progressed(bar.value);
    }).observe(document.body, { subtree: true, attributes: true, childList: true, attributeFilter: ["value"] });
  });
  await walk.press(dialog.getByRole("button", { name: "Set this day" }));
  await bar.getByText(`${all} of ${all} · 1 was refused`).waitFor();
  expect(new Set(progress).size).toBeGreaterThan(5);
  expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  const failed = bar.getByRole("listitem");
  expect(await failed.allTextContents()).toEqual([`${odd}: This key was revoked for good. Make a new one.`]);
  await bar.getByText("1 selected").waitFor();
  await walk.stop();

  // Again is for that one alone: the others are as they were after the first time.
  const asked: string[][] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/keys/bulk")) asked.push(request.postDataJSON().ids);
  });
  await walk.press(bar.getByRole("button", { name: "Try again" }));
  await bar.getByText("1 of 1 · 1 was refused").waitFor();
  expect(asked).toEqual([[refused.id]]);
  const after = await keysNow();
  expect(after.length).toBe(before.size);
  const end = new Date("2031-05-20T23:59:59").toISOString();
  for (const { id, version, expires_at } of after) {
    const was = before.get(id);
    if (id === refused.id) expect({ version, expires_at }).toEqual({ version: 2, expires_at: was?.expires_at ?? null });
    else if (was?.version !== version)
      expect({ version, expires_at }).toEqual({ version: (was?.version ?? 0) + 1, expires_at: end });
  }
  expect(after.filter(({ id, version }) => before.get(id)?.version !== version).length).toBe(all);

  await walk.press(bar.getByRole("button", { name: "Clear" }));
  await bar.waitFor({ state: "hidden" });
  await walk.stop();
});
