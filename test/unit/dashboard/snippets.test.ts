import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLIENTS } from "../../../dashboard/snippets/clients.ts";
import { type ChatRequest, HELLO } from "../../../dashboard/snippets/target.ts";
import { json, script, shellWord } from "../../../dashboard/snippets/write.ts";

/** The dashboard's examples beside what `test/browser/journeys/02-snippets.test.ts` runs of them. */

const text = fc.string({ unit: "grapheme" }).map((one) => one.replaceAll("\0", ""));
const bash = (code: string, cwd = "/"): string => execFileSync("bash", ["-c", code], { encoding: "utf8", cwd });

describe("what somebody wrote comes back as it was", () => {
  test("from JavaScript", () => {
    const name = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "default", "a-b"));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.jsonValue(),
        text,
        fc.dictionary(name, tie("value")),
        fc.array(tie("value")),
      ),
    }));
    fc.assert(
      fc.property(value, (one) => {
        const plain = JSON.parse(JSON.stringify(one)) as unknown;
        expect(JSON.stringify(new Function(`return (${script(plain)});`)())).toBe(JSON.stringify(plain));
        expect(JSON.stringify(JSON.parse(json(plain)))).toBe(JSON.stringify(plain));
      }),
      { numRuns: 100 },
    );
  });

  test("from a shell", () => {
    const all = fc.sample(fc.oneof(text, fc.constantFrom("'", "$(id)", "`id`", "\\", "\n", "!x", "$HOME", "-n")), 200);
    expect(bash(`printf '%s\\0' ${all.map(shellWord).join(" ")}`)).toBe(all.map((one) => `${one}\0`).join(""));
  });

  test("from a here-document with files, in curl's body", () => {
    const said = fc.sample(text, 100).concat("$(id) `id` $HOME \\n \\\\", "JSON", "\nJSON\n");
    const image = { type: "image_url" as const, image_url: { url: "data:image/png;base64,AA==" } };
    const request: ChatRequest = {
      messages: [{ role: "user", content: [...said.map((one) => ({ type: "text" as const, text: one })), image] }],
    };
    const code = CLIENTS[0]?.code({ router: "http://r", key: null, model: "openai/m", request }) ?? "";
    const folder = mkdtempSync(join(tmpdir(), "gaia-snippet-"));
    try {
      writeFileSync(join(folder, "image-1.png"), Buffer.of(0));
      expect(JSON.parse(bash(`curl() { cat; }\n${code}`, folder))).toEqual({
        model: "openai/m",
        ...request,
        stream: true,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const codeOf = (id: string, request: ChatRequest, key: string | null = null): string =>
  CLIENTS.find((client) => client.id === id)?.code({ router: "https://r.example", key, model: "google/m", request }) ??
  "";
const IDS = CLIENTS.map(({ id }) => id);
const user = (content: string) => ({ role: "user" as const, content });

describe("what each client is given", () => {
  test.each(IDS)("%s: the router, the model, and a key or where to find it", (id) => {
    const code = codeOf(id, HELLO);
    expect(code).toContain("https://r.example");
    expect(code).toContain("GAIA_KEY");
    expect(code).toMatch(id === "gemini" ? /"m"/ : /google\/m/);
    expect(code).not.toContain("Not asked");
    expect(codeOf(id, HELLO, "sk-gaia-1")).toContain("sk-gaia-1");
    expect(codeOf(id, HELLO)).toBe(code);
  });

  test.each(IDS)("%s: all turns, or the last and a word of the others", (id) => {
    const request = { messages: [user("one"), { role: "assistant" as const, content: "two" }, user("three")] };
    const code = codeOf(id, request);
    expect(code).toContain("three");
    if (code.includes("one")) expect(code).toMatch(/assistant|model.*two/s);
    else expect(code).toContain("# Not asked this way: earlier turns.");
  });

  const file = { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" };
  const withFile: ChatRequest = { messages: [{ role: "user", content: [{ type: "file", file }] }] };
  test.each(IDS)("%s: a document that stands beside the code", (id) => {
    const code = codeOf(id, withFile);
    expect(code).not.toContain("AA==");
    expect(code).toContain(id === "codex" ? "# Not asked this way: documents." : "document-1.pdf");
  });

  const tools = [{ type: "custom", custom: { name: "grep" } }];
  test.each(IDS)("%s: tools that are no functions, or a word of them", (id) => {
    const code = codeOf(id, { ...HELLO, tools });
    expect(code).toMatch(/custom|Not asked this way: tools/);
  });

  test.each([
    ["anthropic", "none", 'thinking: { type: "disabled" }'],
    ["anthropic", "high", 'thinking: { type: "adaptive" },\n  output_config: { effort: "high" }'],
    ["gemini", "none", "thinkingConfig: { thinkingBudget: 0 }"],
    ["gemini", "max", 'thinkingConfig: { thinkingLevel: "XHIGH" }'],
    ["ai-sdk", "low", 'openai: { reasoningEffort: "low" }'],
    ["claude-code", "max", "--effort max"],
    ["claude-code", "minimal", "# Not asked this way: reasoning_effort."],
    ["codex", "minimal", `-c 'model_reasoning_effort="minimal"'`],
  ])("%s: an effort, %s", (id, effort, wanted) => {
    expect(codeOf(id, { ...HELLO, reasoning_effort: effort })).toContain(wanted);
  });
});
