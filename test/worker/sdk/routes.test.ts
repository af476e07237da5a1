import { afterAll, beforeAll, describe, expect, test } from "vitest";
import models from "../../../worker/catalog/models.json" with { type: "json" };
import { type Gateway, manageGateway, startGateway } from "../../support/gateway.ts";
import { collect, Visit } from "./visit.ts";

/** A key's routes in the model lists: what the management API has put, the Ledger knows at once. */

let gateway: Gateway;
let visit: Visit;
/** A key of an organization below the root. */
let teamKey: string;
beforeAll(async () => {
  gateway = await startGateway();
  visit = new Visit(gateway);
  const team = String((await manage("POST", "/api/organizations", { name: "Team" })).id);
  teamKey = String((await manage("POST", "/api/keys", { name: "CI", organization_id: team })).key);
  await put("smart", ["anthropic/claude-opus-5-5", "openai/gpt-6.1-sol"]);
  await put("openai/gpt-4.1", ["google/gemini-3.6-flash"]);
  await put("claude-opus-own", ["compatible/llama-5"]);
  await put("vectors", ["openai/text-embedding-3-small"]);
  await put("pictures", ["openai/gpt-image-2"]);
  await put("vectors", ["openai/gpt-image-2"], team);
  await put("team's own", ["openai/gpt-4.1"], team);
});
afterAll(() => gateway?.stop());

const manage = (method: string, path: string, body?: object) => manageGateway(gateway, method, path, body);

const put = (name: string, targets: string[], organization_id?: string) =>
  manage("PUT", "/api/routes", {
    ...{ name, strategy: "ordered", targets: targets.map((model) => ({ model })) },
    ...(organization_id === undefined ? {} : { organization_id }),
  });

const catalogue = new Set(models.map(({ provider, upstreamId }) => `${provider}/${upstreamId}`));
/** The names in a list that are not the catalogue's alone. */
const own = (ids: (string | undefined)[]) => ids.filter((id) => !catalogue.has(id ?? "") || id === "openai/gpt-4.1");

const openaiIds = async (apiKey = gateway.apiKey) =>
  (await collect(visit.openai({ apiKey }).models.list())).map(({ id }) => id);

describe("routes in the model lists", () => {
  test("in OpenAI's shape, in place of a model of the same name", async () => {
    const listed = await collect(visit.openai().models.list());
    const ids = listed.map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual(["claude-opus-own", "openai/gpt-4.1", "smart", "vectors"]);
    expect(own(ids)).toEqual(ids.slice(0, 4));
    expect(new Set(ids).size).toBe(ids.length);
    for (const model of listed.slice(0, 4)) {
      expect(model).toEqual({ id: model.id, object: "model", created: 0, owned_by: "gaia" });
      expect(await visit.openai().models.retrieve(model.id)).toEqual(model);
    }
  });

  test("in Anthropic's shape, page by page", async () => {
    const client = visit.anthropic();
    const listed = await collect(client.models.list({ limit: 2 }));
    expect(own(listed.map(({ id }) => id))).toEqual(["claude-opus-own", "openai/gpt-4.1", "smart"]);
    expect(listed[0]).toEqual({
      ...{ type: "model", id: "claude-opus-own", display_name: "claude-opus-own", created_at: "1970-01-01T00:00:00Z" },
      ...{ lifecycle: "active", line: null, max_input_tokens: null, max_tokens: null },
      ...{ deprecated_at: null, retires_at: null, capabilities: null },
    });
    expect(await client.models.retrieve("claude-opus-own")).toMatchObject(listed[0] ?? {});
    const after = await client.models.list({ after_id: "openai/gpt-4.1", limit: 1 });
    expect(after.data.map(({ id }) => id)).toEqual(["smart"]);
  });

  test("in Google's shape", async () => {
    const client = visit.google();
    const names: (string | undefined)[] = [];
    for await (const model of await client.models.list()) names.push(model.name?.slice("models/".length));
    expect(own(names)).toEqual(["claude-opus-own", "openai/gpt-4.1", "smart", "vectors"]);
    const smart = await client.models.get({ model: "smart" });
    expect(smart).toMatchObject({ name: "models/smart", displayName: "smart", description: "smart, served by gaia" });
    expect(smart).not.toHaveProperty("supportedActions");
  });

  test("whose targets a client's API does not serve are in no list of it, and not found there", async () => {
    await expect(visit.openai().models.retrieve("pictures")).rejects.toMatchObject({ status: 404 });
    await expect(visit.anthropic().models.retrieve("vectors")).rejects.toMatchObject({ status: 404 });
    expect((await visit.openai().models.retrieve("vectors")).owned_by).toBe("gaia");
  });

  test("are those above the key, the nearest of each name", async () => {
    expect(own(await openaiIds(teamKey))).toEqual(["claude-opus-own", "openai/gpt-4.1", "smart", "team's own"]);
    expect(own(await openaiIds())).not.toContain("team's own");
    await expect(visit.openai().models.retrieve("team's own")).rejects.toMatchObject({ status: 404 });
  });

  test("are there and gone with the next call after they are put and removed", async () => {
    const { id } = await put("new", ["openai/gpt-4.1"]);
    expect(await openaiIds()).toContain("new");
    await put("new", ["openai/gpt-image-2"]);
    expect(await openaiIds()).not.toContain("new");
    await put("new", ["openai/gpt-4.1"]);
    expect(await openaiIds()).toContain("new");
    await manage("DELETE", `/api/routes/${id}`);
    expect(await openaiIds()).not.toContain("new");
    await expect(visit.openai().models.retrieve("new")).rejects.toMatchObject({ status: 404 });
  });
});
