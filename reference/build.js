/**
 * Gathers what /docs and /redoc are made of in one folder, from which the Worker serves it (wrangler.toml, [build] and
 * [assets]): the pages of this folder, and two readers from their packages. Plain JavaScript without dependencies: it runs
 * with whichever node is at hand.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, "..", ".cache", "reference");
const packages = join(here, "..", "node_modules");

const FILES = [
  join(here, "docs.html"),
  join(here, "docs.js"),
  join(here, "docs.css"),
  join(here, "redoc.html"),
  join(here, "redoc.js"),
  join(here, "redoc.css"),
  join(packages, "swagger-ui-dist", "swagger-ui-bundle.js"),
  join(packages, "swagger-ui-dist", "swagger-ui.css"),
  join(packages, "redoc", "bundles", "redoc.standalone.js"),
];

/** Redoc's footer has a picture of another host. Nothing of these pages is to come from elsewhere. */
const PICTURE = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/**
 * @param {string} text
 * @param {string} file
 */
function withoutOtherHosts(text, file) {
  if (!file.endsWith("redoc.standalone.js")) return text;
  if (!text.includes(PICTURE)) throw new Error("Redoc's picture has moved: look where it comes from now.");
  return text.replaceAll(PICTURE, "data:,");
}

mkdirSync(folder, { recursive: true });
for (const file of FILES) {
  const place = join(folder, basename(file));
  // In one step: another start may be reading it, or writing it too.
  const written = `${place}.${process.pid}`;
  writeFileSync(written, withoutOtherHosts(readFileSync(file, "utf8"), file));
  renameSync(written, place);
}
