import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

const NOT_OURS = new Set(["node_modules", ".git", ".cache", ".gaia", ".wrangler", "dist"]);

const walk = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [relative(ROOT, path).split(sep).join("/")];
  });

/** Paths of the project's own files. Without git (an unpacked archive) everything that is not made by tools. */
export const projectFiles = (): string[] => {
  try {
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed.split("\0").filter((path) => path !== "");
  } catch {
    return walk(ROOT);
  }
};

/** The text of a file, or null when it has been removed or is binary. */
export const readText = (path: string): string | null => {
  try {
    const text = readFileSync(join(ROOT, path), "utf8");
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
};
