import { test } from "vitest";
import { useDashboard } from "./browser.ts";

/** Where the dashboard's examples point; `journeys/02-snippets.test.ts` runs them. */

const dashboard = useDashboard();
const { ready } = dashboard;

const POINTED: [tab: string, line: (url: string) => string][] = [
  ["curl", (url) => `curl -N ${url}/v1/chat/completions`],
  ["OpenAI", (url) => `baseURL: "${url}/v1"`],
  ["Anthropic", (url) => `baseURL: "${url}"`],
  ["Gemini", (url) => `httpOptions: { baseUrl: "${url}" }`],
  ["AI SDK", (url) => `baseURL: "${url}/v1"`],
  ["Claude Code", (url) => `ANTHROPIC_BASE_URL=${url}`],
  ["Codex", (url) => `base_url="${url}/v1"`],
];

test("points every client at the router that the site was told of", async () => {
  const { page } = await dashboard.openSignedIn("/me");
  await page.route("**/config.json", (route) => route.fulfill({ json: { router_url: "https://router.example/" } }));
  await page.goto(`${ready.dashboard}/start`);
  for (const [tab, line] of POINTED) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    await page.getByRole("tabpanel").getByText(line("https://router.example")).waitFor();
  }
});

test("says so when the site was not told where the router is", async () => {
  const { page } = await dashboard.openSignedIn("/me");
  await page.route("**/config.json", (route) => route.fulfill({ json: { router_url: null } }));
  await page.goto(`${ready.dashboard}/start`);
  await page.getByText("ROUTER_URL").waitFor();
});
