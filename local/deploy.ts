/**
 * `npm run deploy`: builds the Worker and the site as they are deployed, and says how large they are. Nothing leaves the
 * machine; `npm run deploy -- --live` also uploads them (needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID).
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";

const ROOT = join(import.meta.dirname, "..");
const PAGES_PROJECT = "gaiarouter";

interface Step {
  what: string;
  command: [program: string, ...args: string[]];
  /** Folder to run in, from the project's root. */
  in?: string;
  /** Folder whose files the step makes, from the project's root. */
  makes?: string;
}

const BUILD: Step[] = [
  {
    what: "Worker",
    command: ["wrangler", "deploy", "--dry-run", "--outdir", ".cache/worker"],
    makes: ".cache/worker",
  },
  { what: "Site", command: ["vite", "build", "dashboard"], makes: "dashboard/dist" },
  {
    what: "Site's functions",
    command: ["wrangler", "pages", "functions", "build", "dashboard/functions", "--outdir", ".cache/pages"],
    makes: ".cache/pages",
  },
];

// Pages takes the functions from the folder it is run in. The Worker goes first: the site calls it.
const UPLOAD: Step[] = [
  { what: "Upload the Worker", command: ["wrangler", "deploy"] },
  {
    what: "Upload the site",
    command: ["wrangler", "pages", "deploy", "dist", "--project-name", PAGES_PROJECT, "--branch", "main"],
    in: "dashboard",
  },
];

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

/** Size of what a step made, source maps left aside, e.g. `512.3 KiB, 120.9 KiB in gzip`. */
const sizeOf = (folder: string): string => {
  let plain = 0;
  let zipped = 0;
  for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith(".map") || entry.name === "README.md") continue;
    const content = readFileSync(join(entry.parentPath, entry.name));
    plain += content.length;
    zipped += gzipSync(content).length;
  }
  return `${kilobytes(plain)}, ${kilobytes(zipped)} in gzip`;
};

const run = ({ what, command: [program, ...args], in: folder = ".", makes }: Step): boolean => {
  console.log(`\n== ${what}: ${program} ${args.join(" ")}`);
  const { status, error } = spawnSync(program, args, {
    cwd: join(ROOT, folder),
    stdio: "inherit",
    shell: process.platform === "win32",
    env: {
      ...process.env,
      PATH: [join(ROOT, "node_modules", ".bin"), process.env.PATH].join(delimiter),
      WRANGLER_SEND_METRICS: "false",
    },
  });
  if (error || status !== 0) {
    console.error(`${what} failed${error ? `: ${error.message}` : ` with exit code ${status}`}`);
    return false;
  }
  if (makes) console.log(`${what}: ${makes}, ${sizeOf(makes)}`);
  return true;
};

const options = process.argv.slice(2);
const unknown = options.filter((option) => option !== "--live" && option !== "--dry-run");
if (unknown.length > 0) {
  console.error(`unknown option ${unknown[0]}; usage: npm run deploy [-- --live]`);
  process.exitCode = 2;
} else {
  const live = options.includes("--live") && !options.includes("--dry-run");
  const done = [...BUILD, ...(live ? UPLOAD : [])].every(run);
  if (!done) process.exitCode = 1;
  else console.log(live ? "\nDeployed." : "\nDry run: everything builds, nothing was uploaded.");
}
