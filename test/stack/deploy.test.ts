import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");

/** Values that only the machine knows, as they might leak from its environment into what is uploaded. */
const SECRETS = Object.fromEntries(
  ["KEY_PEPPER", "MASTER_KEY", "SESSION_SECRET", "SETUP_TOKEN", "OPENAI_API_KEY", "DATABASE_URL"].map((name) => [
    name,
    `never-upload-${name.toLowerCase()}`,
  ]),
);

const textOf = (folder: string): string =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:js|mjs|html|css)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");

describe("npm run deploy, without uploading", () => {
  let output = "";

  beforeAll(async () => {
    for (const made of [".cache/worker", ".cache/pages", "dashboard/dist"]) {
      rmSync(join(ROOT, made), { recursive: true, force: true });
    }
    const { stdout } = await promisify(execFile)(NODE, ["local/deploy.ts"], {
      cwd: ROOT,
      env: { ...process.env, ...SECRETS },
      maxBuffer: 16 * 1024 * 1024,
    });
    output = stdout;
  }, 240_000);

  test("says that nothing was uploaded", () => {
    expect(output).toContain("nothing was uploaded");
  });

  test("makes a Worker that needs no file system", () => {
    const bundle = textOf(".cache/worker");
    expect(bundle).toContain("Ledger");
    expect(bundle).not.toMatch(/["']node:(?:fs|child_process|net|http)(?:\/promises)?["']/);
    console.log(`Worker: ${(gzipSync(bundle).length / 1024).toFixed(1)} KiB in gzip`);
  });

  test("makes a site and its function", () => {
    expect(readFileSync(join(ROOT, "dashboard/dist/index.html"), "utf8")).toMatch(/<script type="module"/);
    expect(textOf(".cache/pages")).toContain("onRequest");
  });

  test.each([".cache/worker", ".cache/pages", "dashboard/dist"])("%s holds no secret of the machine", (folder) => {
    const text = textOf(folder);
    for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
    expect(text).not.toContain(ROOT);
  });
});
