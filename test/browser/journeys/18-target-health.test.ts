import { expect } from "vitest";
import { useDashboard } from "../browser.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

/** So long the simulator asks to be left alone: long enough to be walked through. */
const COOLING_SECONDS = 40;
/** What is shown is as old at most. */
const SHOWN_WITHIN = { timeout: 10_000 };

journey(dashboard, 18, "a provider fails, is left alone and is well again", "/routes", async (walk) => {
  const { page, ready } = walk;
  const name = walk.name("ails");
  // Nobody else's target, which fails once and is well then.
  const failing = `gpt-4.1+status-429+retry-after-${COOLING_SECONDS}+first-1+text-${name}`;
  const ask = async () => {
    const response = await fetch(`${ready.router}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: name, messages: [{ role: "user", content: "Hello" }] }),
    });
    await response.text();
    return response.headers.get("x-gaia-model");
  };
  const made = await fetch(`${ready.router}/api/routes`, {
    method: "PUT",
    headers: { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      name,
      strategy: "ordered",
      targets: [{ model: `openai/${failing}` }, { model: "anthropic/claude-haiku-4-5" }],
    }),
  });
  expect(made.status).toBe(201);

  await walk.go(`/routes?q=${name}`);
  const row = page.locator("tr[data-row]").filter({ hasText: name }).first();
  await row.getByText("not asked yet").first().waitFor();
  const ring = await row.locator("svg").nth(1).innerHTML();
  await walk.stop();

  // The page is only looked at: mark and word change by themselves.
  expect(await ask()).toBe("claude-haiku-4-5");
  await row.getByText("left alone").waitFor(SHOWN_WITHIN);
  expect(await row.locator("svg").nth(1).innerHTML()).not.toBe(ring);
  await walk.picture("left-alone");

  // The overview leads there.
  await walk.go("/");
  const told = page.getByRole("link", { name: /target(s are| is) left alone/ });
  await walk.press(told);
  await page.waitForURL(/\/routes\?health=cooling/);
  const target = page.locator("tr[data-row]").filter({ hasText: failing });
  await target.getByText(/left alone until/).waitFor();
  await target.getByText("429 rate_limit_exceeded").filter({ visible: true }).waitFor(SHOWN_WITHIN);
  await walk.stop();
  await walk.reload();
  await target.getByText(/left alone until/).waitFor();

  // Once it is over it is gone from here, the next request goes there, and it is well.
  await target.waitFor({ state: "detached", timeout: COOLING_SECONDS * 1_000 + SHOWN_WITHIN.timeout });
  await walk.stop();
  expect(await ask()).toBe(failing);
  await walk.go(`/routes?q=${name}`);
  await row.getByText("answers").first().waitFor(SHOWN_WITHIN);
  await walk.stop();
});
