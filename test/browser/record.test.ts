import type { Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import { awaitRow, getJson } from "../support/stack.ts";
import { expectAccessible, expectReported, useDashboard } from "./browser.ts";

const dashboard = useDashboard();
const { ready } = dashboard;
const adminKey = { authorization: `Bearer ${ready.adminKey}` };

/** A whole answer from the router, settled; resolves with the request's row. */
async function ask(model: string, headers: Record<string, string> = {}, body: object = {}) {
  const response = await fetch(`${ready.router}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }], ...body }),
  });
  await response.text();
  return awaitRow(ready.router, adminKey, response.headers.get("x-request-id") ?? "");
}

/** What a list says while the database is away. */
const AWAY = { code: "database_unavailable", message: "Away.", type: "server_error", param: null };

const rowOf = (page: Page, id: string) => page.locator(`[data-row="${id}"]`);
const record = (page: Page, model: string) => page.getByRole("complementary", { name: model });

test("a request is shown with the API's own figures, in the list and in its record", async () => {
  const row = await ask("openai/gpt-6.1-sol", { "x-gaia-tags": "team=search", "user-agent": "my-program/1.2" });
  const { page } = await dashboard.openSignedIn("/logs?tag=team:search");
  const text = await rowOf(page, row.id).innerText();
  expect(text).toContain("openai/gpt-6.1-sol");
  expect(text).toContain("200");
  expect(text).toContain(String(row.tokens.input_uncached));
  expect(text).toContain(String(row.tokens.output));
  expect(text).toContain(`$${(row.cost_nano / 1e9).toFixed(5)}`);

  await rowOf(page, row.id).getByRole("button").click();
  const opened = record(page, "openai/gpt-6.1-sol");
  await opened.getByText("The provider's usage object").waitFor();
  await expect.poll(() => opened.innerText()).toContain("total_tokens");
  const known = await getJson<Record<string, string>>(ready.router, `/api/requests/${row.id}`, adminKey);
  const shown = await opened.innerText();
  for (const name of ["id", "upstream_model", "price_version", "upstream_request_id"])
    expect(shown).toContain(String(known[name]));
  expect(shown).toContain(known.cost_usd);
  expect(shown).toContain("my-program/1.2");
  expect(shown).toContain("search");
  expect(new URL(page.url()).searchParams.get("id")).toBe(row.id);
  await page.reload();
  await opened.getByText(row.id).waitFor();
});

test("a translated request says what it became, and what could not be kept", async () => {
  const row = await ask(
    "google/gemini-3.6-flash",
    {},
    { messages: [{ role: "user", name: "ada", content: "Hello" }], logit_bias: { "50256": -100 } },
  );
  const { page } = await dashboard.openSignedIn(`/logs?id=${row.id}`);
  const opened = record(page, "google/gemini-3.6-flash");
  await opened.getByText("Translated to").waitFor();
  expect(await opened.innerText()).toMatch(/Translated to\s+Gemini/);
  const lost = opened.getByRole("list", { name: "Not kept in translation" });
  expect(await lost.getByRole("listitem").allInnerTexts()).toEqual([
    "param dropped messages[0].name",
    "param dropped logit_bias",
  ]);
  await expectAccessible(page);
});

test("has no price for a model it does not know, and says in words how a request failed", async () => {
  const unpriced = await ask("openai/a-model-nobody-knows");
  const failed = await ask("openai/gpt-6.1-sol+status-429");
  const { page } = await dashboard.openSignedIn("/logs");
  await rowOf(page, unpriced.id).getByText("no price").waitFor();
  await rowOf(page, failed.id).getByText("429 provider error").filter({ visible: true }).waitFor();
});

test("keeps what it has while the gateway is away, goes on when it is back, and tells the database's absence from it", async () => {
  const row = await ask("openai/gpt-6.1-sol");
  const opened = await dashboard.openSignedIn("/logs");
  const { page } = opened;
  await rowOf(page, row.id).waitFor();
  const list = (url: URL) => url.pathname === "/api/requests";
  await page.route(list, (route) => route.abort());
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("alert").getByText("The gateway does not answer").waitFor();
  expect(await rowOf(page, row.id).count()).toBe(1);
  await expectAccessible(page);
  await page.unroute(list);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await expectReported(opened, /net::ERR_FAILED/);

  await page.route(list, (route) => route.fulfill({ status: 503, json: { error: AWAY } }));
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByRole("alert").getByText("The database cannot be reached").waitFor();
  await expectAccessible(page);
  await expectReported(opened, /status of 503/);
});

test("a log asked anew while a page is on its way takes the newer answer; what failed is asked for again as it was", async () => {
  const row = await ask("openai/gpt-6.1-sol");
  const known = await getJson<object>(ready.router, `/api/requests/${row.id}`, adminKey);
  const data = Array.from({ length: 200 }, (_, at) => ({ ...known, id: `${row.id}${at}` }));
  const opened = await dashboard.openSignedIn("/me");
  const { page } = opened;
  const isList = (url: URL) => url.pathname === "/api/requests";
  let asked: (string | null)[] = [];
  /** How the list is answered from now on; `asked` begins anew: before which row each page was to begin. */
  const answer = async (how: (route: Route) => unknown) => {
    await page.unroute(isList);
    asked = [];
    await page.route(isList, (route) => {
      asked.push(new URL(route.request().url()).searchParams.get("cursor"));
      return how(route);
    });
  };
  const fresh = (route: Route) =>
    route.fulfill({ json: { data, next_cursor: "older", as_of: new Date().toISOString() } });
  const refresh = () => page.getByRole("button", { name: "Refresh" }).click();
  const failsThenIsTried = async (ask: () => Promise<unknown>) => {
    await answer((route) => route.fulfill({ status: 503, json: { error: AWAY } }));
    await ask();
    await page.getByRole("alert").waitFor();
    await answer(fresh);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    return asked;
  };

  // The first is never answered.
  await answer(() => undefined);
  await page.getByRole("link", { name: "Logs" }).click();
  await expect.poll(() => asked).toEqual([null]);
  await answer(fresh);
  await refresh();
  await rowOf(page, `${row.id}0`).or(page.getByRole("alert")).first().waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
  expect(asked).toEqual([null]);

  expect(await failsThenIsTried(refresh)).toEqual([null]);
  const toTheEnd = () => page.getByRole("table").evaluate((table) => table.scrollTo({ top: table.scrollHeight }));
  expect((await failsThenIsTried(toTheEnd))[0]).toBe("older");
  await expectReported(opened, /status of 503/);
});

test("says what runs, and when the gateway does not", async () => {
  const opened = await dashboard.openSignedIn("/");
  const { page } = opened;
  const runs = page.getByRole("region", { name: "What runs" });
  await runs.scrollIntoViewIfNeeded();
  await runs.getByText("Everything answers.").waitFor();
  await page.route("**/health", (route) => route.abort());
  await page.reload();
  await runs.scrollIntoViewIfNeeded();
  await runs.getByText("The gateway does not answer.").waitFor();
  await expectReported(opened, /net::ERR_FAILED/);
});
