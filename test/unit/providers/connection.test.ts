import { describe, expect, test } from "vitest";
import { connectionTo, type ProviderSettings } from "../../../worker/providers/connection.ts";
import type { ProviderId } from "../../../worker/providers/provider.ts";
import { providers } from "../../../worker/providers/registry.ts";
import { resolveTarget } from "../../../worker/router/resolve.ts";

const settings = (own: Partial<ProviderSettings> = {}): ProviderSettings => ({
  ...{ credentials: {}, namedCredentials: {}, baseUrls: {}, simulatorUrl: null, anthropicVersion: "2023-06-01" },
  ...own,
});
const second = (baseUrl: string | null) => ({ second: { apiKey: "key two", baseUrl } });
const OPENAI = "https://api.openai.com/v1";
const ELSEWHERE = "https://openai.example.com/v1";
const SIMULATOR = "http://127.0.0.1:8789";

type Expected = [baseUrl: string, credential: string, simulated: boolean, vendorsOwn: boolean] | null;

describe("a provider's connection", () => {
  test.each<[string, Partial<ProviderSettings>, ProviderId, string | null, Expected]>([
    ["by default", { credentials: { openai: "key" } }, "openai", null, [OPENAI, "key", false, true]],
    [
      "at another address",
      { credentials: { openai: "key" }, baseUrls: { openai: `${ELSEWHERE}/` } },
      "openai",
      null,
      [ELSEWHERE, "key", false, false],
    ],
    [
      "with a named credential",
      { credentials: { openai: "key" }, namedCredentials: { openai: second(null) } },
      "openai",
      "second",
      [OPENAI, "key two", false, true],
    ],
    [
      "with one that has an address of its own",
      { baseUrls: { openai: OPENAI }, namedCredentials: { openai: second(`${ELSEWHERE}/`) } },
      "openai",
      "second",
      [ELSEWHERE, "key two", false, false],
    ],
    [
      "with one that has none, where the provider is reached elsewhere",
      { baseUrls: { compatible: ELSEWHERE }, namedCredentials: { compatible: second(null) } },
      "compatible",
      "second",
      [ELSEWHERE, "key two", false, false],
    ],
    ["with one that nobody has named", { credentials: { openai: "key" } }, "openai", "second", null],
    ["with a name that is no entry", { namedCredentials: { openai: second(null) } }, "openai", "constructor", null],
    ["with nothing", {}, "openai", null, null],
    ["with another provider's", { namedCredentials: { openai: second(null) } }, "anthropic", "second", null],
  ])("%s", (_, own, provider, credential, expected) => {
    const connection = connectionTo(providers[provider], settings(own), credential);
    const { baseUrl, credential: key, simulated, vendorsOwn } = connection ?? {};
    expect(connection && [baseUrl, key, simulated, vendorsOwn]).toEqual(expected);
  });

  const simulated = (path: string, credential: string): Expected => [SIMULATOR + path, credential, true, true];

  test.each<[string, Partial<ProviderSettings>, ProviderId, string | null, Expected]>([
    ["without any credential", {}, "openai", null, simulated("/openai/v1", "simulated")],
    ["under any name", {}, "openai", "second", simulated("/openai/v1", "simulated-second")],
    [
      "whatever others have",
      { credentials: { openai: "k" } },
      "google",
      "second",
      simulated("/google", "simulated-second"),
    ],
    [
      "with a key and no address",
      { credentials: { compatible: "k" } },
      "compatible",
      null,
      simulated("/compatible/v1", "simulated"),
    ],
    ["but not under a name that is mistaken", { credentials: { openai: "k" } }, "openai", "secnod", null],
    [
      "nor where only named ones lead to the vendor",
      { namedCredentials: { openai: second(null) } },
      "openai",
      null,
      null,
    ],
    [
      "nor for a named one that is there",
      { namedCredentials: { openai: second(null) } },
      "openai",
      "second",
      [OPENAI, "key two", false, true],
    ],
  ])("the simulator stands in for a provider %s", (_, own, provider, credential, expected) => {
    const connection = connectionTo(
      providers[provider],
      settings({ ...own, simulatorUrl: `${SIMULATOR}/` }),
      credential,
    );
    const { baseUrl, credential: key, simulated, vendorsOwn } = connection ?? {};
    expect(connection && [baseUrl, key, simulated, vendorsOwn]).toEqual(expected);
  });
});

test("a target says by which credential it is reached, and a missing one is named", () => {
  const own = settings({ namedCredentials: { openai: second(null) } });
  expect(resolveTarget("openai/gpt-6-sol", own, "second")).toMatchObject({
    credential: "second",
    connection: { credential: "key two" },
  });
  expect(() => resolveTarget("openai/gpt-6-sol", own, "third")).toThrow(/no credential 'third' for openai/);
  expect(() => resolveTarget("openai/gpt-6-sol", own)).toThrow(/no credential for openai/);
});
