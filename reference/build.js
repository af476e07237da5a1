/**
 * Gathers what /docs and /redoc are made of in one folder, from which the Worker serves it (wrangler.toml, [build] and
 * [assets]): the pages of this folder, and two readers from their packages. Plain JavaScript without dependencies: it runs
 * with whichever node is at hand.
 */
import { copyFileSync, mkdirSync, renameSync } from "node:fs";
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

mkdirSync(folder, { recursive: true });
for (const file of FILES) {
  const place = join(folder, basename(file));
  // In one step: another start may be reading it, or writing it too.
  const written = `${place}.${process.pid}`;
  copyFileSync(file, written);
  renameSync(written, place);
}
