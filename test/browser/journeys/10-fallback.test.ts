import { expect } from "vitest";
import { awaitRow, getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey, type Walk } from "./walk.ts";

const dashboard = useDashboard();

const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-sonnet-5-5";
/** What is asked, and so stands in no answer of the management API. */
const SECRET = "the launch code is 0000";

interface Detail {
  tries: { provider: string; model: string; outcome: string; reason: string | null; status: number | null }[];
}

journey(dashboard, 10, "a request that fell back, its neighbours, and Back", "/me", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}` };
  const tag = walk.name("fallback");
  // A target of this walk's own: what fails is passed by afterwards.
  const failing = `${GPT}+status-503+text-${tag}`;
  const older = await ask(walk, CLAUDE, tag);
  const fellBack = await ask(walk, failing, tag, { "x-gaia-fallbacks": CLAUDE });
  const newer = await ask(walk, GPT, tag);
  for (const id of [older, fellBack, newer]) await awaitRow(ready.router, admin, id);
  const { tries } = await getJson<Detail>(ready.router, `/api/requests/${fellBack}`, admin);
  expect(tries.map(({ status, outcome }) => [status, outcome])).toEqual([
    [503, "failed"],
    [200, "answered"],
  ]);

  const answers: { path: string; text: Promise<string> }[] = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/api/")) answers.push({ path: pathname, text: response.text().catch(() => "") });
  });
  const read = () => answers.map(({ path }) => path).filter((path) => /^\/api\/requests\/[0-9A-Z]{26}/.test(path));

  // The list asks nothing for a row, and knows nothing of what was said.
  await walk.go(`/logs?tag=name:${tag}`);
  const row = (id: string) => page.locator(`[data-row="${id}"]`);
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest("[data-row]")?.getAttribute("data-row") ?? null);
  for (const id of [older, fellBack, newer]) await row(id).waitFor();
  expect(read()).toEqual([]);
  await walk.stop();

  // Opened, it tells whom it was sent to, and why it went on.
  if (walk.way.input === "mouse") await row(fellBack).click();
  else {
    await walk.keys("j j");
    expect(await focused()).toBe(fellBack);
    await walk.keys("Enter");
  }
  const record = page.getByRole("complementary", { name: failing }).or(page.getByRole("dialog", { name: failing }));
  const attempts = record.getByRole("list", { name: "Attempts" }).getByRole("listitem");
  await attempts.first().waitFor();
  const told = await attempts.allInnerTexts();
  expect(told.length).toBe(tries.length);
  for (const [at, { provider, model, status, outcome, reason }] of tries.entries())
    for (const part of [provider, model, `${status} ${outcome}`, (reason ?? "").replaceAll("_", " ")])
      expect(told[at]).toContain(part);
  expect(tries[0]?.reason).toBeTruthy();
  await record.getByText("Prompt and answer are not stored.").waitFor();
  expect(new URL(page.url()).searchParams.get("id")).toBe(fellBack);
  await walk.stop();

  // To its neighbour and back to it; each is asked for when it is read, and once.
  const step = async (key: "j" | "k", name: string, id: string) => {
    if (walk.way.input === "mouse") await page.getByRole("button", { name, exact: true }).click();
    else await walk.keys(key);
    await expect.poll(() => new URL(page.url()).searchParams.get("id")).toBe(id);
  };
  await step("j", "Next request", older);
  await page.getByRole("heading", { level: 2, name: CLAUDE }).waitFor();
  await step("k", "Previous request", fellBack);
  await attempts.first().waitFor();
  expect(read()).toEqual([`/api/requests/${fellBack}`, `/api/requests/${older}`]);

  // The address says which is read; Back closes it, and the focus is on its row.
  await walk.reload();
  await attempts.first().waitFor();
  await walk.stop();
  await page.goBack();
  await attempts.first().waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("id")).toBeNull();
  await expect.poll(focused).toBe(fellBack);
  await walk.stop();

  const texts = await Promise.all(answers.map(({ text }) => text));
  expect(texts.filter((text) => text.includes(SECRET) || text.includes("You said"))).toEqual([]);
  expect(texts.some((text) => text.includes(fellBack))).toBe(true);
});

async function ask({ ready }: Walk, model: string, tag: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
      ...{ "x-gaia-tags": `name=${tag}`, ...headers },
    },
    body: JSON.stringify({ model, messages: [{ role: "user", content: SECRET }] }),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}
