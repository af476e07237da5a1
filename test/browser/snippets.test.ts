import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../worker/lib/json.ts";
import { type Door, openDoor } from "../support/door.ts";
import { runSnippet } from "../support/run-snippet.ts";
import { getJson } from "../support/stack.ts";
import { target, told } from "../support/translation/told-request.ts";
import { expectAccessible, useDashboard } from "./browser.ts";

/** The first request, and the dashboard's examples for seven clients: as the page shows them, they are answered. */

const dashboard = useDashboard();
const { ready } = dashboard;
const adminKey = { authorization: `Bearer ${ready.adminKey}` };
const GPT = "openai/gpt-6.1-sol";
/** What each client speaks. */
const CLIENTS = {
  curl: "openai-chat",
  OpenAI: "openai-chat",
  Anthropic: "anthropic-messages",
  Gemini: "google-generate-content",
  "AI SDK": "openai-chat",
  "Claude Code": "anthropic-messages",
  Codex: "openai-responses",
};

interface Example {
  name: string;
  code: string;
  file: string;
}

let door: Door;
beforeAll(async () => {
  door = await openDoor(ready.router);
});
afterAll(() => door.close());

/** What each tab shows, and what it gives to copy: the same, but for the key. */
async function examplesOn(page: Page, key: string | null): Promise<Example[]> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const examples: Example[] = [];
  for (const name of Object.keys(CLIENTS)) {
    await page.getByRole("tab", { name, exact: true }).click();
    const panel = page.getByRole("tabpanel", { name, exact: true });
    await panel.getByRole("button", { name: /^Copy/ }).click();
    await panel.getByText("Copied").waitFor();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    const shown = key === null ? code : code.replaceAll(key, `${key.slice(0, 12)}…${key.slice(-4)}`);
    expect(await panel.locator("code").textContent()).toBe(shown);
    const file = (await panel.locator("pre + div > span").innerText()).split(" + ")[0] ?? "";
    examples.push({ name, code, file });
  }
  return examples;
}

async function run({ name, ...example }: Example, beside: { key: string; beside: Record<string, Buffer> }) {
  const { code, output } = await runSnippet({ ...example, ...beside });
  expect({ name, code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/\S/) });
}

test("a first key, each client's first request as it is shown, and it is seen to arrive", async () => {
  const { page } = await dashboard.openSignedIn("/start");
  await page.getByLabel("Name").fill("Seven clients");
  const made = page.waitForResponse((response) => new URL(response.url()).pathname === "/api/keys");
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByText("This is the only time it is shown.").waitFor();
  await page.getByText("Waiting for your first request…").waitFor();
  await expectAccessible(page);
  const key = await page.getByRole("status").locator("code").first().innerText();
  expect(key).toMatch(/^sk-gaia-/);
  expect(await page.getByRole("tabpanel").innerText()).toContain(`${ready.router}/v1/chat/completions`);
  expect(await page.getByRole("tabpanel").innerText()).not.toContain(key);

  for (const example of await examplesOn(page, key)) await run(example, { key: "", beside: {} });
  const { id } = (await (await made).json()) as { id: string };
  const rows = () =>
    getJson<{ data: { id: string; key_name: string; status: number; dialect: string }[] }>(
      ready.router,
      `/api/requests?key=${id}&fields=id,key_name,status,dialect`,
      adminKey,
    );
  await expect.poll(async () => (await rows()).data.length).toBe(Object.keys(CLIENTS).length);
  const { data } = await rows();
  expect(data.reverse()).toEqual(
    Object.values(CLIENTS).map((dialect) => ({
      ...{ id: expect.any(String), key_name: "Seven clients", status: 200, dialect },
    })),
  );

  const arrival = page.getByRole("region", { name: /See it arrive/ });
  await arrival.getByText(/^200 in .* · openai\/gpt-6\.1-sol · \$/).waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Open it" }).click();
  await page.waitForURL("**/logs?id=*");
  const opened = new URL(page.url()).searchParams.get("id") ?? "?";
  expect(data.map((row) => row.id)).toContain(opened);
  await page.getByRole("complementary", { name: GPT }).getByText(opened).waitFor();
});

/** A picture of one point. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const SYSTEM = 'Be `brief`, isn\'t "$HOME" \\n enough?';
const QUESTION = "What's this?\n$(id) `id` \\ <image-1.png> $HOME";
const WEATHER = {
  type: "object",
  properties: { city: { type: "string", description: 'The city\'s "$NAME"' } },
  required: ["city"],
};
const SETTINGS = {
  Temperature: "0.5",
  "Top p": "0.9",
  "Most output tokens": "500",
  "Tools (JSON)": JSON.stringify([
    { type: "function", function: { name: "weather", description: "The weather in a city.", parameters: WEATHER } },
  ]),
  "Answer's JSON schema": JSON.stringify({
    type: "object",
    properties: { word: { type: "string" } },
    required: ["word"],
    additionalProperties: false,
  }),
};

/** What the gateway makes of a request, written for a model that takes everything. */
const KNOBS = { support: "optional", efforts: ["low"] } as const;
function meantBy(from: Parameters<typeof told>[0], body: unknown) {
  const { body: written } = told(from, "openai-responses", body as JsonObject, target({ reasoning: KNOBS }));
  return written;
}

test("what the playground asks, its examples ask by every client: system, history, image, settings, tools, schema", async () => {
  const { page } = await dashboard.openSignedIn("/me");
  await page.route("**/config.json", (route) => route.fulfill({ json: { router_url: door.url } }));
  await page.goto(`${ready.dashboard}/play?m=${encodeURIComponent(GPT)}`);
  const ask = async (text: string) => {
    await page.getByRole("textbox", { name: "Message" }).fill(text);
    const sent = page.waitForRequest("**/v1/chat/completions");
    await page.getByRole("textbox", { name: "Message" }).press("Enter");
    await page.getByRole("button", { name: "Send", exact: true }).waitFor();
    return (await sent).postDataJSON() as JsonObject;
  };
  await ask("Hello");
  await page.getByRole("button", { name: "Settings of this column" }).click();
  const settings = page.getByRole("dialog", { name: "Settings of this column" });
  for (const [label, value] of Object.entries(SETTINGS)) await settings.getByLabel(label).fill(value);
  await settings.getByLabel("Reasoning effort").selectOption("low");
  await settings.getByRole("button", { name: "Use", exact: true }).click();
  await page.getByText("System prompt").first().click();
  await page.getByRole("textbox", { name: "System prompt" }).fill(SYSTEM);
  await page.getByLabel("Attach").setInputFiles({ name: "a point.png", mimeType: "image/png", buffer: PNG });
  const asked = await ask(QUESTION);
  await page.getByRole("button", { name: "Code" }).click();
  await expectAccessible(page);
  const examples = await examplesOn(page, null);
  const bodies: Record<string, JsonObject> = {};
  for (const example of examples) {
    await run(example, { key: ready.apiKey, beside: { "image-1.png": PNG } });
    const passages = door.takePassages();
    expect(passages.map(({ status }) => status)).toEqual([200]);
    bodies[example.name] = JSON.parse(passages[0]?.request ?? "") as JsonObject;
  }

  expect(bodies.curl).toEqual(asked);
  expect(bodies.OpenAI).toEqual(asked);
  const meant = meantBy("openai-chat", asked);
  expect(meant).toMatchObject({ max_output_tokens: 500, reasoning: { effort: "low" }, temperature: 0.5 });
  // Neither of them has a place for the schema's name.
  const format = (meant as { text: { format: object } }).text.format;
  const unnamed = { ...meant, text: { format: { ...format, name: "response" } } };
  expect(meantBy("anthropic-messages", bodies.Anthropic)).toEqual(unnamed);
  expect(meantBy("google-generate-content", bodies.Gemini)).toEqual(unnamed);
  // It says what is so anyhow.
  expect(meantBy("openai-chat", bodies["AI SDK"])).toEqual({ ...meant, tool_choice: "auto" });

  // What an agent asks is more than what it is asked. What it has no option for is said.
  for (const [name, left] of [
    ["Claude Code", "# Not asked this way: earlier turns, temperature, top_p, tools.\n"],
    ["Codex", "# Not asked this way: earlier turns, temperature, top_p, max_completion_tokens, tools.\n"],
  ] as const) {
    expect(examples.find((example) => example.name === name)?.code.startsWith(left)).toBe(true);
    const body = JSON.stringify(bodies[name]);
    for (const text of [SYSTEM, QUESTION]) expect(body).toContain(JSON.stringify(text).slice(1, -1));
    for (const part of [PNG.toString("base64"), SETTINGS["Answer's JSON schema"], '"effort":"low"'])
      expect(body).toContain(part);
  }
});

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
