import { expect } from "vitest";
import { awaitRow, getJson } from "../../support/stack.ts";
import { useDashboard } from "../browser.ts";
import { journey } from "./walk.ts";

const dashboard = useDashboard();

journey(
  dashboard,
  20,
  "models are read with what differs, and a price is set from a moment on",
  "/models",
  async (walk) => {
    const { page, ready } = walk;
    const admin = { authorization: `Bearer ${ready.adminKey}`, "content-type": "application/json" };
    /** Nobody else's model: the simulator answers to any name. */
    const id = `openai/${walk.name("own")}`;
    const post = async (path: string, body: object) => {
      const response = await fetch(`${ready.router}${path}`, {
        method: "POST",
        headers: admin,
        body: JSON.stringify(body),
      });
      expect(response.status, await response.clone().text()).toBe(201);
    };
    // What was taken over on another way is as it was shipped again, so that there is something to take over.
    const { data: taken } = await getJson<{ data: { id: string; shipped: boolean; version: number }[] }>(
      ready.router,
      "/api/models?source=synced&limit=200",
      admin,
    );
    for (const { id, version } of taken.filter(({ shipped }) => shipped)) {
      const headers = { ...admin, "if-match": `"${version}"` };
      const restored = await fetch(`${ready.router}/api/models/${encodeURIComponent(id)}`, {
        method: "DELETE",
        headers,
      });
      expect(restored.ok, await restored.text()).toBe(true);
    }
    await post("/api/models", { model: id, kind: "chat" });
    await post("/api/prices", { model: id, price: { rates: { input: "1", output: "2" } } });
    const ask = async () => {
      const response = await fetch(`${ready.router}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${ready.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ model: id, messages: [{ role: "user", content: "Hello" }] }),
      });
      await response.text();
      const request = response.headers.get("x-request-id") ?? "";
      await awaitRow(ready.router, admin, request);
      return request;
    };
    const costOf = async (request: string) =>
      (await getJson<{ cost_nano: number }>(ready.router, `/api/requests/${request}`, admin)).cost_nano;
    const before = await ask();
    const cost = await costOf(before);

    // What the providers' lists say, and what of it differs.
    await walk.go("/models");
    await walk.press(page.getByRole("button", { name: "Sync" }).first());
    const sync = page.getByRole("dialog", { name: "Sync" });
    await walk.press(sync.getByRole("button", { name: "Read the lists now" }));
    await page.getByText(/^\d of \d lists read\.$/).waitFor();
    const change = sync
      .getByRole("listitem")
      .filter({ has: page.locator("del") })
      .first();
    await change.locator("ins").first().waitFor();
    await walk.press(change.getByRole("checkbox"));
    await sync.getByRole("button", { name: "Accept 1" }).waitFor();
    await walk.stop();
    await walk.press(sync.getByRole("button", { name: "Accept 1" }));
    await page.getByText("1 change is done.").waitFor();
    await walk.keys("Escape");
    await sync.waitFor({ state: "detached" });

    // Switched off and on again: the row is made anew each time, and the focus stays where it was.
    await walk.go(`/models?q=${encodeURIComponent(id)}`);
    const enabled = page.getByRole("switch", { name: `${id} is enabled` });
    for (const on of [false, true]) {
      await walk.press(enabled);
      await page.getByText(`${id} is ${on ? "enabled" : "disabled"}.`).waitFor();
      expect(await enabled.isChecked()).toBe(on);
      await walk.focused(enabled);
    }

    // One fact, and a price from now on.
    await page.goto(`${ready.dashboard}/models?q=${encodeURIComponent(id)}&id=${encodeURIComponent(id)}`);
    const drawer = page.getByRole("dialog", { name: id, exact: true });
    await walk.press(drawer.getByRole("button", { name: "Change facts" }));
    const facts = page.getByRole("dialog", { name: "Change facts" });
    await walk.fill(facts.getByLabel("Context window"), "64000");
    await walk.press(facts.getByRole("button", { name: "Save" }));
    await facts.waitFor({ state: "detached" });
    await drawer.getByText("64,000").waitFor();
    await walk.press(drawer.getByRole("button", { name: "New price" }));
    const price = page.getByRole("dialog", { name: "New price" });
    // From the row two presses to what holds now, to be written over; it stays in sight.
    const rates = [price.getByLabel("Input", { exact: true }), price.getByLabel(/^Output/)] as const;
    expect([await rates[0].inputValue(), await rates[1].inputValue()]).toEqual(["1", "2"]);
    await walk.fill(rates[0], "10");
    await walk.fill(rates[1], "20");
    await price.getByText("Now $1", { exact: true }).waitFor();
    await price.getByText("Now $2", { exact: true }).waitFor();
    await walk.stop();
    await walk.press(price.getByRole("button", { name: "Set the price" }));
    await price.waitFor({ state: "detached" });
    await drawer.getByText("input $10 · output $20").waitFor();
    await drawer.getByText("input $1 · output $2").waitFor();

    // What was is as dear as it was; what comes next is ten times as dear.
    const after = await ask();
    expect([await costOf(before), await costOf(after)]).toEqual([cost, cost * 10]);
    for (const [request, own, other] of [
      [before, "input $1 · output $2", "input $10 · output $20"],
      [after, "input $10 · output $20", null],
    ] as const) {
      await walk.go(`/logs?id=${request}`);
      await page.getByText(/^Price in force then: /).waitFor();
      await page.getByText(own).waitFor();
      if (other === null) expect(await page.getByText(/^Price in force now: /).count()).toBe(0);
      else await page.getByText(other).waitFor();
      await walk.stop();
    }
  },
);
