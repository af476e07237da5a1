import { afterAll, beforeAll, expect } from "vitest";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { type Door, openDoor } from "../../support/door.ts";
import { runSnippet } from "../../support/run-snippet.ts";
import { getJson } from "../../support/stack.ts";
import { target, told } from "../../support/translation/told-request.ts";
import { copiedOn, expectAccessible, useDashboard } from "../browser.ts";
import { journey, type Walk } from "./walk.ts";

/** The dashboard's examples for seven clients: as the page shows them they are answered, and ask what the page asks. */

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
async function examplesOn(walk: Walk, key: string | null): Promise<Example[]> {
  const { page } = walk;
  const examples: Example[] = [];
  for (const name of Object.keys(CLIENTS)) {
    await walk.press(page.getByRole("tab", { name, exact: true }));
    const panel = page.getByRole("tabpanel", { name, exact: true });
    await walk.press(panel.getByRole("button", { name: /^Copy/ }));
    await panel.getByText("Copied").waitFor();
    const code = await copiedOn(page);
    const shown = key === null ? code : code.replaceAll(key, `${key.slice(0, 12)}…${key.slice(-4)}`);
    expect(await panel.locator("code").textContent()).toBe(shown);
    const file = (await panel.locator("pre + div > span").innerText()).split(" + ")[0] ?? "";
    examples.push({ name, code, file });
    // Back over the code to its tab.
    if (walk.way.input === "keyboard") await walk.keys("Shift+Tab Shift+Tab");
  }
  return examples;
}

async function run({ name, ...example }: Example, beside: { key: string; beside: Record<string, Buffer> }) {
  const { code, output } = await runSnippet({ ...example, ...beside });
  expect({ name, code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/\S/) });
}

journey(dashboard, 2, "each client's first request as it is shown, seen to arrive", "/start", async (walk) => {
  const { page } = walk;
  const name = walk.name("seven-clients");
  // Whoever made a key before is told which, and may make another.
  const another = page.getByRole("button", { name: "Make another key" });
  await another.or(page.getByLabel("Name")).first().waitFor();
  if (await another.isVisible()) await walk.press(another);
  await walk.fill(page.getByLabel("Name"), name);
  const made = page.waitForResponse((response) => new URL(response.url()).pathname === "/api/keys");
  await walk.press(page.getByRole("button", { name: "Create the key" }));
  await page.getByText("This is the only time it is shown.").waitFor();
  await page.getByText("Waiting for your first request…").waitFor();
  await walk.stop();
  const key = await page.getByRole("status").locator("code").first().innerText();
  expect(key).toMatch(/^sk-gaia-/);
  expect(await page.getByRole("tabpanel").innerText()).toContain(`${ready.router}/v1/chat/completions`);
  expect(await page.getByRole("tabpanel").innerText()).not.toContain(key);

  const examples = await examplesOn(walk, key);
  await Promise.all(examples.map((example) => run(example, { key: "", beside: {} })));
  const { id } = (await (await made).json()) as { id: string };
  const rows = () =>
    getJson<{ data: { id: string; key_name: string; status: number; dialect: string }[] }>(
      ready.router,
      `/api/requests?key=${id}&fields=id,key_name,status,dialect`,
      adminKey,
    );
  await expect.poll(async () => (await rows()).data.length).toBe(Object.keys(CLIENTS).length);
  const { data } = await rows();
  expect(data.map(({ id: _, ...row }) => row).sort((left, right) => left.dialect.localeCompare(right.dialect))).toEqual(
    Object.values(CLIENTS)
      .sort()
      .map((dialect) => ({ key_name: name, status: 200, dialect })),
  );

  const arrival = page.getByRole("region", { name: /See it arrive/ });
  await arrival.getByText(/^200 in .* · openai\/gpt-6\.1-sol · \$/).waitFor();
  await walk.stop();
  await walk.press(page.getByRole("link", { name: "Open it" }));
  await page.waitForURL("**/logs?id=*");
  const opened = new URL(page.url()).searchParams.get("id") ?? "?";
  expect(data.map((row) => row.id)).toContain(opened);
  const record = page.getByRole("complementary", { name: GPT }).or(page.getByRole("dialog", { name: GPT }));
  await record.getByText(opened).first().waitFor();
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

journey(dashboard, 2, "what the playground asks, its examples ask by every client", "/me", async (walk) => {
  const { page } = walk;
  await page.route("**/config.json", (route) => route.fulfill({ json: { router_url: door.url } }));
  await walk.go(`/play?m=${encodeURIComponent(GPT)}`);
  const message = page.getByRole("textbox", { name: "Message" });
  const ask = async (text: string) => {
    await walk.fill(message, text);
    const sent = page.waitForRequest("**/v1/chat/completions");
    await walk.keys("Enter");
    await page.getByRole("button", { name: "Send", exact: true }).waitFor();
    return (await sent).postDataJSON() as JsonObject;
  };
  await ask("Hello");
  await walk.press(page.getByRole("button", { name: "Settings of this column" }));
  const settings = page.getByRole("dialog", { name: "Settings of this column" });
  for (const [label, value] of Object.entries(SETTINGS)) await walk.fill(settings.getByLabel(label), value);
  await walk.choose(settings.getByLabel("Reasoning effort"), "low");
  // An answer that grows moves what is below it, so a stop would count that.
  await expectAccessible(page);
  await walk.press(settings.getByRole("button", { name: "Use", exact: true }));
  await walk.press(page.locator("summary", { hasText: "System prompt" }));
  await walk.fill(page.getByRole("textbox", { name: "System prompt" }), SYSTEM);
  await page.getByLabel("Attach").setInputFiles({ name: "a point.png", mimeType: "image/png", buffer: PNG });
  const asked = await ask(QUESTION);
  expect(JSON.stringify(asked)).toContain(PNG.toString("base64"));
  await walk.press(page.getByRole("button", { name: "Code" }));
  await expectAccessible(page);
  const examples = await examplesOn(walk, null);
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
