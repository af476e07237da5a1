import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../../local/simulator/main.ts", import.meta.url));

test("the program says where it is and ends on SIGTERM, silent streams or not", async () => {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SIMULATOR_PORT: "0", SIMULATOR_PACE_MS: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { ready, url } = JSON.parse(line.toString()) as { ready: boolean; url: string };
    expect(ready).toBe(true);
    const response = await fetch(`${url}/openai/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer k" },
      body: JSON.stringify({ model: "m+silence-1", stream: true, messages: [{ role: "user", content: "x" }] }),
    });
    expect(response.status).toBe(200);
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
    await expect(response.text()).rejects.toThrow();
  } finally {
    child.kill("SIGKILL");
  }
});

test("a port that is no number is refused", async () => {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SIMULATOR_PORT: "x" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const errors: Buffer[] = [];
  child.stderr.on("data", (data: Buffer) => errors.push(data));
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(1);
  expect(Buffer.concat(errors).toString()).toContain("SIMULATOR_PORT must be a whole number, not 'x'");
});
