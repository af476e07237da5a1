import { describe, expect, test } from "vitest";
import { projectFiles, readText } from "./project-files.ts";

const FORBIDDEN: [what: string, pattern: RegExp][] = [
  ["a path of one machine", /(?<![\w.~:*-])\/(?:work|home|root|Users|mnt)\/[A-Za-z]/],
  ["a private package registry", /https?:\/\/[^\s"'/]*(?:artifactory|nexus|verdaccio|npm-proxy|registry)[^\s"'/]*/],
  ["a registry's token", /_authToken\s*=/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["an OpenAI key", /\bsk-(?:proj-)?[A-Za-z0-9]{32,}/],
  ["an Anthropic key", /\bsk-ant-(?:api|admin)\d\d-[\w-]{32,}/],
  ["an OpenRouter key", /\bsk-or-v1-[0-9a-f]{32,}/],
  ["a Google key", /\bAIza[\w-]{35}\b/],
  ["a GitHub token", /\bgh[pousr]_[A-Za-z0-9]{36}\b/],
  ["an AWS key", /\bAKIA[0-9A-Z]{16}\b/],
  ["a Neon password", /\bnpg_[A-Za-z0-9]{12}\b/],
];

const PUBLIC_REGISTRY = /https:\/\/registry\.npmjs\.org/g;

const findings = (path: string, text: string): string[] => {
  const checked = text.replace(PUBLIC_REGISTRY, "");
  return FORBIDDEN.flatMap(([what, pattern]) => {
    const match = pattern.exec(checked);
    return match ? [`${path}: ${what} (${match[0].slice(0, 24)}…)`] : [];
  });
};

test("no file names a machine, a private registry or a secret", () => {
  const files = projectFiles();
  expect(files).toContain("package.json");
  const found = files.flatMap((path) => {
    const text = readText(path);
    return text === null ? [] : findings(path, text);
  });
  expect(found).toEqual([]);
});

describe("the patterns find what they are for", () => {
  const join = (...parts: string[]) => parts.join("");
  test.each([
    ["a path of one machine", join("see ", "/home", "/someone/notes")],
    ["a private package registry", join("https://", "registry.example.com/x")],
    ["a registry's token", join("//host/:_auth", "Token=abc")],
    ["a private key", join("-----BEGIN ", "PRIVATE KEY-----")],
    ["an OpenAI key", join("sk-", "a1".repeat(20))],
    ["an Anthropic key", join("sk-", "ant-api03-", "x_".repeat(20))],
    ["an OpenRouter key", join("sk-", "or-v1-", "0f".repeat(32))],
    ["a Google key", join("AI", "za", "x".repeat(35))],
    ["a GitHub token", join("gh", "p_", "x".repeat(36))],
    ["an AWS key", join("AK", "IA", "Q".repeat(16))],
    ["a Neon password", join("np", "g_", "a1b2c3d4e5f6")],
  ])("%s", (what, text) => {
    expect(findings("a.ts", text).join()).toContain(what);
  });

  test.each(["https://example.com/home/page", "./work/a", "sk-gaia-example", "https://registry.npmjs.org/x"])(
    "%s is allowed",
    (text) => {
      expect(findings("a.ts", text)).toEqual([]);
    },
  );
});
