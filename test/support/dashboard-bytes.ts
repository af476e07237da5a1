import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

interface Chunk {
  file: string;
  imports?: string[];
}

/** What a page reads by itself, before anybody does anything; files by their place in `dashboard/`. */
interface Route {
  name: string;
  /** The HTML it begins with. */
  entry: "index.html" | "login.html";
  /** Modules that are asked for while it starts, with what they import. */
  modules: string[];
  /** The most its scripts may be, in kB of gzip. */
  target: number;
}

const WORDS = "text/en/frame.ts";
const EDITING = "text/en/editing.ts";

const words = (name: string): string => `text/en/${name}.ts`;
const page = (name: string, target: number, ...more: string[]): Route => ({
  name,
  entry: "index.html",
  modules: [WORDS, `pages/${name}/${name}.tsx`, ...more],
  target,
});

/** The pages with their targets: 55 kB for the first figures, 80 for the log and for usage, 100 with a form, 110 for the playground. */
const ROUTES: readonly Route[] = [
  { name: "login", entry: "login.html", modules: [WORDS, "text/en/signIn.ts"], target: 25 },
  page("overview", 55),
  {
    ...page("overview", 80, "pages/overview/chart.tsx", "pages/overview/below-chart.tsx"),
    name: "overview, whole",
  },
  ...["logs", "usage", "sessions", "refused", "audit"].map((name) => page(name, 80, words(name))),
  page("playground", 110, words("playground"), EDITING),
  ...["keys", "organizations", "members", "budgets", "routes", "models", "settings", "account", "start"].map((name) =>
    page(name, 100, words(name), EDITING),
  ),
];

/** A figure in kB (1,024 bytes) of gzip -9, fonts as they are, and what it may be at most. */
export interface Size {
  name: string;
  kilobytes: number;
  target: number;
  /** How many files; scripts only. */
  files: number;
}

/** What each page of a build weighs, from its manifest: the closure of what it imports. Throws when a page's file is not in it. */
export function sizesOf(built: string): Size[] {
  const manifest = JSON.parse(readFileSync(join(built, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
  const packed = (file: string): number => gzipSync(readFileSync(join(built, file)), { level: 9 }).length / 1024;
  const chunkOf = (id: string): Chunk => {
    const chunk = manifest[id];
    if (chunk === undefined) throw new Error(`The build has no ${id}: is it imported by \`import()\` still?`);
    return chunk;
  };
  const chunks = Object.values(manifest);
  /** What a page's HTML asks for. */
  const begun = (entry: string): Chunk[] =>
    [...readFileSync(join(built, entry), "utf8").matchAll(/(?:src|href)="\/(assets\/[^"]*\.js)"/g)].flatMap(
      ([, file]) => chunks.find((chunk) => chunk.file === file) ?? [],
    );
  const scriptsOf = ({ entry, modules }: Route): string[] => {
    const seen = new Set<Chunk>();
    const waiting = [...begun(entry), ...modules.map(chunkOf)];
    for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) {
      if (seen.has(chunk)) continue;
      seen.add(chunk);
      waiting.push(...(chunk.imports ?? []).map(chunkOf));
    }
    return [...new Set([...seen].map(({ file }) => file))].filter((file) => file.endsWith(".js"));
  };
  const sum = (files: string[], of: (file: string) => number): number => files.reduce((all, file) => all + of(file), 0);
  const assets = readdirSync(join(built, "assets")).map((name) => join("assets", name));
  const ending = (ends: string): string[] => assets.filter((file) => extname(file) === ends);
  return [
    ...ROUTES.map((route) => {
      const files = scriptsOf(route);
      return { name: `JS, ${route.name}`, kilobytes: sum(files, packed), target: route.target, files: files.length };
    }),
    { name: "CSS", kilobytes: sum(ending(".css"), packed), target: 14, files: ending(".css").length },
    {
      ...{ name: "fonts", target: 54, files: ending(".woff2").length },
      kilobytes: sum(ending(".woff2"), (file) => readFileSync(join(built, file)).length / 1024),
    },
    { name: "HTML", kilobytes: Math.max(packed("index.html"), packed("login.html")), target: 3, files: 1 },
  ];
}
