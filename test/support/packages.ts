import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Packages that are tried against the gateway and are no part of it, by name, with their exact versions. */
export type Packages = Readonly<Record<string, string>>;

function installedVersion(folder: string, name: string): string | null {
  const manifest = join(folder, "node_modules", name, "package.json");
  if (!existsSync(manifest)) return null;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Installs the packages into `folder` with npm, unless they are there. Throws with what npm said when it cannot. */
export function install(folder: string, packages: Packages): void {
  const missing = Object.entries(packages).filter(([name, version]) => installedVersion(folder, name) !== version);
  if (missing.length === 0) return;
  mkdirSync(folder, { recursive: true });
  // A manifest of its own keeps npm from taking a folder above for the project.
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true, "type": "module" }\n');
  const wanted = missing.map(([name, version]) => `${name}@${version}`);
  console.error(`installing ${wanted.join(", ")}`);
  const { status, stderr, error } = spawnSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--save-exact", ...wanted],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (error !== undefined || status !== 0) throw new Error(`npm could not install them: ${error?.message ?? stderr}`);
}
