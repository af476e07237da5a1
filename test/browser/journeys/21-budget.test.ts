import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { admin, ownBranch } from "./branch.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

const SENT = 9;
const AMOUNT = 5;

interface Standing {
  limit_id: string;
  settled: number;
  reaches_amount_at: string | null;
}

journey(dashboard, 21, "a budget: tried on last month, set, lowered and raised", "/start", async (walk) => {
  const { page, ready } = walk;
  const branch = await ownBranch(walk, "budget");
  const key = await branch.key(walk.name("spender"));
  // Nine requests on a day of the last month that is over, and again today.
  const now = new Date();
  const lastMonth = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 15, 12);
  await branch.record(Array.from({ length: SENT }, (_, step) => ({ keyId: key.id, startedAt: lastMonth + step })));
  const send = async () => {
    const response = await fetch(`${ready.router}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openai/gpt-6.1-sol", messages: [{ role: "user", content: "Hello" }] }),
    });
    await response.text();
    return response.status;
  };
  const standing = async () => {
    const { data } = await admin<{ data: Standing[] }>(ready, `/api/limits/standings?organization=${branch.id}`);
    return data[0] as Standing;
  };

  // What it would have refused last month.
  await walk.go(`/budgets?org=${branch.id}`);
  await walk.press(page.getByRole("button", { name: "Set a limit" }).first());
  const form = page.getByRole("dialog", { name: "Set a limit" });
  await walk.choose(form.getByLabel("On", { exact: true }), walk.name("spender"));
  await walk.choose(form.getByLabel("What is limited"), "Requests");
  await walk.choose(form.getByLabel("Within"), "a day");
  await walk.fill(form.getByLabel("Amount"), String(AMOUNT));
  await walk.press(form.getByRole("button", { name: "Try it on last month" }));
  const found = form.getByText(/would have been refused/);
  await found.waitFor();
  const [, simulated, of] = /(\d+) of (\d+) requests would/.exec(await found.innerText()) ?? [];
  expect(Number(of)).toBe(SENT);
  await walk.stop();
  await walk.press(form.getByRole("button", { name: "Set a limit" }));
  await form.waitFor({ state: "detached" });
  const row = page.getByRole("row").filter({ hasText: walk.name("spender") });
  await row.waitFor();
  await walk.stop();

  // The same requests today: as many are refused.
  await expect.poll(async () => (await standing())?.settled).toBe(0);
  const answers: number[] = [];
  for (let sent = 0; sent < SENT; sent++) answers.push(await send());
  expect(answers.filter((status) => status === 429).length).toBe(Number(simulated));
  expect(answers.filter((status) => status === 200).length).toBe(AMOUNT);
  await expect.poll(async () => (await standing()).settled).toBe(AMOUNT);
  await walk.reload();
  await row.getByText("used up", { exact: true }).waitFor();

  // Raised: it is pending or in force, requests pass again, and the forecast follows.
  await walk.press(row.getByRole("button"));
  const drawer = page.getByRole("dialog", { name: walk.name("spender") });
  const setAmount = async (amount: number) => {
    await walk.fill(drawer.getByLabel("Amount", { exact: true }).first(), String(amount));
    await walk.press(drawer.getByRole("button", { name: "Save" }));
  };
  const forecast = drawer.locator("div:has(> dt:text-is('Forecast')) dd");
  const expectForecast = async () => {
    const { reaches_amount_at: at } = await standing();
    const minute = at && new Date(Date.parse(at)).toISOString().slice(11, 16);
    await expect.poll(() => forecast.innerText()).toMatch(minute ? new RegExp(`${minute.slice(0, 2)}:`) : /Not before/);
  };
  await setAmount(AMOUNT + 1);
  await drawer
    .getByText(`${AMOUNT} of ${AMOUNT + 1} requests`)
    .first()
    .waitFor();
  await expectForecast();
  await walk.stop();
  await expect.poll(send).toBe(200);

  // Below what is used: asked first, then refused.
  await setAmount(AMOUNT - 2);
  const asked = page.getByRole("dialog", { name: /^This blocks .* now$/ });
  await asked.getByText(/requests in 24 hours/).waitFor();
  await walk.focused(asked.getByRole("button", { name: "Cancel" }));
  await walk.stop();
  await walk.press(asked.getByRole("button", { name: "Block now" }));
  await asked.waitFor({ state: "detached" });
  await expect.poll(send).toBe(429);
  await drawer
    .getByText(`${AMOUNT + 1} of ${AMOUNT - 2} requests`)
    .first()
    .waitFor();
  await setAmount(40);
  await drawer
    .getByText(`${AMOUNT + 1} of 40 requests`)
    .first()
    .waitFor();
  await expectForecast();
  await expect.poll(send).toBe(200);
  await walk.stop();
});
