import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const SCRIPT = join(import.meta.dirname, "..", "..", ".github", "smoke.mjs");

const OPENAI = JSON.stringify({ error: { message: "no key", type: "invalid_request_error", code: "missing_api_key" } });
const ANTHROPIC = JSON.stringify({ type: "error", error: { type: "authentication_error", message: "no key" } });
const GOOGLE = JSON.stringify({ error: { code: 401, message: "no key", status: "UNAUTHENTICATED" } }, null, 2);

type Answer = [status: number, body: string];

const HEALTHY: Record<string, Answer> = {
  "/health": [200, "{}"],
  "/": [200, "<!doctype html>\n<html></html>"],
  "/v1/chat/completions": [401, OPENAI],
  "/v1/responses": [401, OPENAI],
  "/v1/messages": [401, ANTHROPIC],
  "/v1beta/models/gemini-3.8-flash:generateContent": [401, GOOGLE],
  "/api/requests": [401, "{}"],
};

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Runs the smoke test against a deployment that answers so; its exit code and what it printed. */
const smoke = async (answers: Record<string, Answer>): Promise<{ code: number; output: string }> => {
  server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ""] ?? [404, ""];
    response.writeHead(status).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SCRIPT, url, `${url}/`], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
};

test("a deployment that answers passes", async () => {
  const { code, output } = await smoke(HEALTHY);
  expect(output).not.toContain("FAIL");
  expect(output.match(/^ok /gm)).toHaveLength(8);
  expect(code).toBe(0);
});

test.each<[what: string, path: string, answer: Answer]>([
  ["health", "/health", [404, "{}"]],
  ["OpenAI Chat", "/v1/chat/completions", [401, ANTHROPIC]],
  ["OpenAI Responses", "/v1/responses", [200, OPENAI]],
  ["Anthropic Messages", "/v1/messages", [401, OPENAI]],
  ["Gemini", "/v1beta/models/gemini-3.8-flash:generateContent", [401, OPENAI]],
  ["dashboard", "/", [200, "Hello"]],
  ["dashboard reaches the router", "/api/requests", [404, ""]],
])("a deployment whose answer is wrong fails: %s", async (what, path, answer) => {
  const { code, output } = await smoke({ ...HEALTHY, [path]: answer });
  expect(output).toMatch(new RegExp(`^FAIL .*${what}`, "m"));
  expect(code).toBe(1);
});
