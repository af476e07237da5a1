import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin, type Rolldown } from "vite";
import solid from "vite-plugin-solid";

/**
 * Solid makes its compiled templates with `innerHTML`, which the page's Content-Security-Policy forbids. Those templates,
 * and nothing else, pass through a Trusted Types policy of their own; any other use of `innerHTML` stays forbidden.
 */
function trustedTemplates(): Plugin {
  const assignment = "t.innerHTML = html;";
  const policy = `const templates = globalThis.trustedTypes?.createPolicy("solid-templates", { createHTML: (html) => html });`;
  return {
    name: "trusted-templates",
    transform: {
      filter: { id: /\/solid-js\/web\/dist\/(?:web|dev)\.js/ },
      handler(code) {
        if (code.split(assignment).length !== 2)
          this.error("solid-js/web makes its templates in another way than known");
        const trusted = "t.innerHTML = templates?.createHTML(html) ?? html;";
        return { code: `${policy}\n${code.replace(assignment, trusted)}`, map: null };
      },
    },
  };
}

/** A script of the page as it stands in the HTML: without comments and line ends. */
const inlined = (name: string): string =>
  readFileSync(join(import.meta.dirname, name), "utf8")
    .replace(/^\s*\/\/.*\n/gm, "")
    .replace(/\s+/g, " ")
    .trim();

/** Pages whose first step in the address is not their name. */
const STEPS: Record<string, string> = { overview: "", playground: "play", organizations: "orgs", account: "me" };

/** The files of each page, and of its words by language, by the first step of its address: what `ahead.js` asks for. */
function filesOf(bundle: Rolldown.OutputBundle, html: string): string {
  const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
  const short = (file: string) => file.replace(/^assets\/|\.js$/g, "");
  const closure = (files: readonly string[], seen = new Set<string>()): Set<string> => {
    for (const file of files) {
      if (seen.has(file)) continue;
      seen.add(file);
      closure(chunks.find(({ fileName }) => fileName === file)?.imports ?? [], seen);
    }
    return seen;
  };
  const begun = closure(chunks.map(({ fileName }) => fileName).filter((file) => html.includes(file)));
  const pages: Record<string, string[]> = {};
  const words: Record<string, Record<string, string>> = {};
  for (const { facadeModuleId, fileName } of chunks) {
    const [, page] = /\/pages\/(\w+)\/\1\.tsx$/.exec(facadeModuleId ?? "") ?? [];
    if (page) pages[STEPS[page] ?? page] = [...closure([fileName])].filter((file) => !begun.has(file)).map(short);
    const [, language, name] = /\/text\/([\w-]+)\/(\w+)\.ts$/.exec(facadeModuleId ?? "") ?? [];
    if (language && name) words[language] = { ...words[language], [STEPS[name] ?? name]: short(fileName) };
  }
  return JSON.stringify({ pages, words });
}

/** `theme.js` and `ahead.js` stand in the page itself, so that nothing is asked for before them; the policy names them by their hashes. */
function inlineScripts(): Plugin {
  const scripts = ["theme.js", "ahead.js"];
  const tag = (name: string) => `<script src="/${name}"></script>`;
  return {
    name: "inline-scripts",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const hashes = new Set<string>();
      for (const page of Object.values(bundle)) {
        if (page.type !== "asset" || !page.fileName.endsWith(".html")) continue;
        for (const name of scripts) {
          const html = String(page.source);
          if (!html.includes(tag(name))) continue;
          const script = inlined(name).replace("window.FILES ??", () => `${filesOf(bundle, html)} ??`);
          page.source = html.replace(tag(name), () => `<script>${script}</script>`);
          hashes.add(`'sha256-${createHash("sha256").update(script).digest("base64")}'`);
        }
      }
      const headers = readFileSync(join(import.meta.dirname, "public/_headers"), "utf8");
      const allowed = headers.replace("script-src 'self'", `script-src 'self' ${[...hashes].join(" ")}`);
      if (hashes.size !== scripts.length || allowed === headers) this.error("a script of the page was not put into it");
      this.emitFile({ type: "asset", fileName: "_headers", source: allowed });
    },
  };
}

/** The page's own font is asked for with the page, not when the styles are read; the other one may come later. */
function preloadFont(): Plugin {
  return {
    name: "preload-font",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((name) => /atkinson-hyperlegible-next.*woff2$/.test(name));
        if (!font) return;
        return [
          {
            tag: "link",
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${font}` },
            injectTo: "head-prepend",
          },
        ];
      },
    },
  };
}

/** `/setup`, and one-time links to `/invite` and `/reset-password`: the page of signing in, which sees by its path what is wanted. */
function linkPages(): Plugin {
  return {
    name: "link-pages",
    enforce: "post",
    generateBundle(_options, bundle) {
      const page = bundle["login.html"];
      if (page?.type !== "asset") this.error("there is no login.html to copy");
      for (const fileName of ["setup.html", "invite.html", "reset-password.html"])
        this.emitFile({ type: "asset", fileName, source: page.source });
    },
  };
}

/**
 * What goes together, so that a page is a few files and not fifty: each costs a request, and small ones are packed badly. What is
 * not named here goes by itself: a page, what several pages share, what is read on first use.
 */
const GROUPS: Record<string, RegExp> = {
  // With signing in, too.
  base: /solid-js\/(?:dist|web)|solid-primitives\/i18n|preload-helper|\/(?:text\/(?:text|keys)|api\/(?:calls|client|failure|left|place|sign-in)|ui\/(?:button|copy-button)|components\/(?:route-line|failure-note))\.tsx?$|styles\.css/,
  // With every page, and all that the first one shows its figures by.
  frame:
    /@tanstack|solid-js\/store|@solidjs\/router|lucide-solid|\/dashboard\/(?:shell\/(?!palette|prove-again|shortcut-help|session-|forbidden|account-menu)|(?:app|routes|main)\.tsx$|state\/(?:account|address|announce|brush|media|period|preferences|prove-again|scope|shortcuts|typed-ahead|visible)|api\/(?:query|stats|use-query)|format\/(?:numbers|time)|components\/(?:page|panel|empty|organization-select|scope-bar|zone-select)|ui\/(?:bar-select|chip|dialog|icon|later|menu|once-idle|popover|skeleton|toast)\.tsx?$|usage\/(?:metrics|groups?|change|delta|narrowed-by|buckets)\.tsx?$)/,
  charts: /\/dashboard\/(?:charts\/(?!chart-table|ranked-bars|sparkline)|format\/bucket)/,
  // Lists and what is changed in them.
  lists:
    /\/dashboard\/(?:components\/(?:data-table|row-focus|list-panel|filter-input|new-limit|limit-fields|limits-above|standing-cell|history|confirm|reveal|changed-meanwhile|save-bar|meter|bulk-bar)|format\/(?:limit|device)|state\/(?:limit-draft|bulk)|api\/(?:limits|use-pages)|ui\/tabs)\.tsx?$/,
  // Signing in, by itself or over a page.
  signIn:
    /\/dashboard\/(?:components\/(?:sign-in[a-z-]*|later-step)|api\/has-passkeys|state\/countdown|login\/frame)\.tsx?$/,
  fields: /\/dashboard\/(?:ui\/field|state\/form|components\/form-failure)\.tsx?$/,
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [trustedTemplates(), solid(), tailwindcss(), preloadFont(), inlineScripts(), linkPages()],
  build: {
    // The browsers that know `light-dark()` and Trusted Types, or do without the latter.
    target: ["chrome123", "edge123", "firefox128", "safari18"],
    // Everything small would become a data: URL otherwise; the policy allows those for images only.
    assetsInlineLimit: 0,
    // All of them know `modulepreload`.
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    // By it the weight of each page is told (test/support/dashboard-bytes.ts).
    manifest: true,
    rolldownOptions: {
      // Signing in is a page of its own: nobody waits there for what only the dashboard needs.
      input: ["index.html", "login.html"].map((name) => join(import.meta.dirname, name)),
      output: {
        codeSplitting: {
          groups: Object.entries(GROUPS).map(([name, test], place) => ({ name, test, priority: 10 - place })),
          includeDependenciesRecursively: false,
        },
      },
    },
  },
  optimizeDeps: { exclude: ["solid-js/web"] },
});
