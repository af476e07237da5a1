import { expect, test } from "vitest";
import { readText } from "./project-files.ts";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

interface Lockfile {
  packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
}

const manifest = JSON.parse(readText("package.json") ?? "") as Manifest;
const lockfile = JSON.parse(readText("package-lock.json") ?? "") as Lockfile;

test("every package is pinned to one version", () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
});

test("the packages allowed to run install scripts are those that have one", () => {
  const scripted = Object.entries(lockfile.packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  const allowed = Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name]);
  expect(allowed.sort()).toEqual([...new Set(scripted)].sort());
});

test("the lockfile names no registry but the public one", () => {
  const foreign = Object.values(lockfile.packages)
    .map((entry) => entry.resolved)
    .filter((url) => url !== undefined && !url.startsWith("https://registry.npmjs.org/"));
  expect(foreign).toEqual([]);
});
