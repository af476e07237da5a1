import { buffer, text } from "node:stream/consumers";
import type { Locator } from "playwright-core";
import { expect } from "vitest";
import { getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey, type Walk } from "./walk.ts";

const dashboard = useDashboard();

const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-sonnet-5-5";
const GEMINI = "google/gemini-3.6-flash";
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

interface Row {
  id: string;
  requested_model: string;
  outcome: string;
  attempts: number;
  cost_usd: string;
}

journey(dashboard, 22, "four models, an image, one fails, one is stopped, and another branch", "/me", async (walk) => {
  const { page, ready } = walk;
  const admin = { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" };
  const failing = walk.name("failing");
  // Half a minute long.
  const slow = `${GPT}+pace-800+text-${"a%20b%20c%20".repeat(12)}${walk.name("end")}`;
  const made = await fetch(`${ready.router}/api/routes`, {
    method: "PUT",
    headers: admin,
    body: JSON.stringify({
      name: failing,
      strategy: "ordered",
      targets: [GPT, CLAUDE].map((model) => ({ model: `${model}+status-503+text-${failing}` })),
    }),
  });
  expect(made.status).toBe(201);
  const models = [GPT, CLAUDE, failing, slow];
  await walk.go(`/play?${models.map((model) => `m=${encodeURIComponent(model)}`).join("&")}`);
  const question = page.getByRole("textbox", { name: "Message" });
  const answer = (model: string) => page.getByRole("article", { name: model, exact: true });
  /** A narrow screen shows one column; its button shows another. */
  const see = async (model: string) => {
    if (walk.way.width === 390)
      await walk.press(page.getByRole("button", { name: model.split("/").at(-1) ?? model, exact: true }));
  };
  const stopOf = (model: string) => answer(model).getByRole("button", { name: `Stop ${model}`, exact: true });
  await question.waitFor();
  await walk.stop();

  // An image with the question.
  const chosen = page.waitForEvent("filechooser");
  await walk.press(page.getByRole("button", { name: "Attach" }));
  await (await chosen).setFiles({
    ...{ name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PICTURE, "base64") },
  });
  await page.getByRole("button", { name: "Remove dot.png" }).waitFor();
  await walk.fill(question, `What is this, ${walk.name("asked")}?`);
  await walk.keys("Enter");

  // One is stopped, and what it has said stays.
  await see(slow);
  await answer(slow).getByText("a b").waitFor();
  await walk.press(stopOf(slow));
  await answer(slow).getByText("Stopped: this is what had come.").waitFor();
  expect(await answer(slow).getByText("a b").innerText()).not.toContain("end");

  // Two answer; one fails, says how often it was tried, and can be asked again.
  await see(failing);
  await answer(failing).getByText("This column failed").waitFor();
  await answer(failing)
    .getByText(/^\d+ attempts$/)
    .waitFor();
  await answer(failing)
    .getByRole("button", { name: `Try again ${failing}` })
    .waitFor();
  await walk.expectReported(/status of 503/);
  for (const model of [GPT, CLAUDE]) {
    await see(model);
    await answer(model).getByText(walk.name("asked")).waitFor();
    await answer(model).getByRole("link", { name: "log" }).waitFor();
  }
  await walk.stop();

  // What is shown is what the log has; Stop has ended the provider's call, too.
  const session = `playground-${new URL(page.url()).searchParams.get("thread")}`;
  const rows = async () =>
    (await getJson<{ data: Row[] }>(ready.router, `/api/requests?session=${session}&limit=50`, admin)).data;
  await expect.poll(async () => (await rows()).length).toBe(4);
  const row = Object.fromEntries((await rows()).map((one) => [one.requested_model, one]));
  expect(models.map((model) => row[model]?.outcome)).toEqual(["ok", "ok", "provider_error", "client_gone"]);
  const books = `/_simulator/requests?contains=${walk.name("asked")}&model=${encodeURIComponent(slow.replace("openai/", ""))}`;
  const calls = async () =>
    (await getJson<{ data: { clientGone: boolean; finished: boolean }[] }>(ready.simulator, books, {})).data;
  await expect.poll(async () => (await calls()).map(({ clientGone }) => clientGone)).toEqual([true]);
  for (const model of [GPT, CLAUDE]) {
    await see(model);
    await answer(model).getByTitle(`$${row[model]?.cost_usd}`, { exact: true }).waitFor();
  }
  await see(failing);
  await answer(failing).getByText(`${row[failing]?.attempts} attempts`).waitFor();

  // Another answer to the same question; the first can be gone back to.
  await see(CLAUDE);
  await walk.press(answer(CLAUDE).getByRole("button", { name: `Regenerate ${CLAUDE}` }));
  await answer(CLAUDE).getByText("2/2").waitFor();
  await answer(CLAUDE).getByRole("link", { name: "log" }).waitFor();
  await walk.press(answer(CLAUDE).getByRole("button", { name: `The answer of ${CLAUDE} before` }));
  await answer(CLAUDE).getByText("1/2").waitFor();

  // A branch, and back.
  await see(GPT);
  await walk.press(page.getByRole("button", { name: "Edit", exact: true }));
  await walk.fill(page.getByRole("textbox", { name: "Edit the message" }), "Goodbye");
  await walk.press(page.getByRole("button", { name: "Send as a new branch" }));
  await answer(GPT).getByText('"Goodbye"').waitFor();
  await answer(GPT).getByRole("link", { name: "log" }).waitFor();
  await walk.stop();
  await walk.press(page.getByRole("button", { name: "The branch before" }));
  await answer(GPT).getByText(walk.name("asked")).waitFor();

  // As files: what is seen, and all there is.
  const file = async (button: Locator) => {
    await walk.press(page.getByRole("button", { name: "Export" }));
    const saved = page.waitForEvent("download");
    await button.waitFor();
    await walk.press(button);
    return text(await (await saved).createReadStream());
  };
  const markdown = await file(page.getByRole("button", { name: "Markdown, as it is read" }));
  expect(markdown.match(/^### .+$/gm)).toEqual(models.map((model) => `### ${model}`));
  expect(markdown).not.toContain("Goodbye");
  const json = JSON.parse(await file(page.getByRole("button", { name: /^JSON/ }))) as { turns: { text: string }[] };
  expect(json.turns.map(({ text }) => text)).toEqual([`What is this, ${walk.name("asked")}?`, "Goodbye"]);

  // The thread is kept, with the branch and the answer that were looked at; a key is nowhere.
  await walk.reload();
  await answer(GPT).getByText(walk.name("asked")).waitFor();
  await see(CLAUDE);
  await answer(CLAUDE).getByText("1/2").waitFor();
  expect(await page.evaluate(everythingKept)).not.toMatch(/gaia-play-|sk-gaia-/);
  expect(page.url()).not.toMatch(/gaia-play-|sk-gaia-/);
  await walk.stop();

  // From an answer to its record.
  await walk.press(answer(CLAUDE).getByRole("link", { name: "log" }));
  await page
    .getByRole("complementary", { name: CLAUDE })
    .or(page.getByRole("dialog", { name: CLAUDE }))
    .waitFor();

  await voteBlind(walk);
});

/** Who answers is hidden until one has voted, and what was voted is kept; one of the two draws as well. */
async function voteBlind(walk: Walk): Promise<void> {
  const { page } = walk;
  const said = walk.name("said");
  const models = [`${GPT}+text-${said}`, `${GEMINI}+text-${said}+images-2`];
  await walk.go(`/play?${models.map((model) => `m=${encodeURIComponent(model)}`).join("&")}`);
  await walk.press(page.getByRole("checkbox", { name: "Blind vote" }));
  await walk.fill(page.getByRole("textbox", { name: "Message" }), "Hello");
  await walk.keys("Enter");
  const thread = page.getByRole("log");
  const see = async (letter: string) => {
    if (walk.way.width === 390) await walk.press(page.getByRole("button", { name: letter, exact: true }));
  };
  for (const letter of ["A", "B"]) {
    await see(letter);
    const hidden = page.getByRole("article", { name: `Answer ${letter}`, exact: true });
    await hidden.getByText(said).waitFor();
    await hidden.getByRole("button", { name: `Regenerate Answer ${letter}` }).waitFor();
    expect(await thread.evaluate((log) => log.outerHTML)).not.toMatch(
      /gpt|gemini|openai|google|tok\/s|TTFT|\$0|\d m?s\b/i,
    );
  }
  expect(await page.getByRole("button", { name: "Export" }).isDisabled()).toBe(true);
  await walk.stop();

  await walk.press(
    page.getByRole("group", { name: "Which answer is best?" }).getByRole("button", { name: "Answer B" }),
  );
  const vote = thread.getByText(/^Your vote: B · /);
  await walk.focused(vote);
  const best = (await vote.innerText()).slice("Your vote: B · ".length);
  expect(models).toContain(best);
  await walk.reload();
  await vote.waitFor();
  await see("B");
  await page
    .getByRole("article", { name: best, exact: true })
    .getByText(/tok\/s|out/)
    .first()
    .waitFor();
  await walk.stop();
  const other = models.find((model) => model !== best) ?? "";
  await see("A");
  await page.getByRole("article", { name: other, exact: true }).waitFor();

  const drawing = models[1] ?? "";
  await see(drawing === best ? "B" : "A");
  const images = page.getByRole("article", { name: drawing, exact: true }).getByRole("img", { name: /^Image \d of 2/ });
  await images.nth(1).waitFor();
  await expect
    .poll(() => images.evaluateAll((all) => all.map((image) => (image as HTMLImageElement).naturalWidth)))
    .toEqual([12, 12]);
  const saved = page.waitForEvent("download");
  await walk.press(page.getByRole("button", { name: `Download image 2 of ${drawing}` }));
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/-2\.png$/);
  expect((await buffer(await file.createReadStream())).subarray(1, 4).toString()).toBe("PNG");
  const asked = page.waitForEvent("download");
  await walk.press(page.getByRole("button", { name: "Export" }));
  await walk.press(page.getByRole("button", { name: "Markdown, as it is read" }));
  const markdown = await text(await (await asked).createReadStream());
  expect(markdown).toContain(`Blind vote: B · ${best}`);
  expect(markdown.match(/!\[Image \d\]\(data:image\/png;base64,/g)).toHaveLength(2);
}

/** All that a page shows and its browser keeps of it, as one text; runs in the page. */
async function everythingKept(): Promise<string> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie];
  kept.push(document.documentElement.outerHTML);
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      kept.push(await asked(database.transaction(store).objectStore(store).getAll()));
    database.close();
  }
  return JSON.stringify(kept);
}
