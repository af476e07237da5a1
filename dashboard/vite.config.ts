import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";
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

/** `theme.js` stands in the page itself, so that nothing is asked for before the first paint; the policy names it by its hash. */
function inlineTheme(): Plugin {
  const file = join(import.meta.dirname, "theme.js");
  const script = readFileSync(file, "utf8")
    .replace(/^\s*\/\/.*\n/gm, "")
    .replace(/\s+/g, " ")
    .trim();
  const hash = createHash("sha256").update(script).digest("base64");
  return {
    name: "inline-theme",
    apply: "build",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace('<script src="/theme.js"></script>', () => `<script>${script}</script>`),
    },
    generateBundle() {
      const headers = readFileSync(join(import.meta.dirname, "public/_headers"), "utf8");
      const allowed = headers.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);
      if (allowed === headers) this.error("_headers has no script-src 'self'");
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
  base: /solid-js\/(?:dist|web)|solid-primitives\/i18n|preload-helper|\/(?:text\/(?:text|keys)|api\/(?:calls|client|failure|place|sign-in)|ui\/(?:button|copy-button)|components\/(?:route-line|failure-note))\.tsx?$|styles\.css/,
  // With every page, and all that the first one shows its figures by.
  frame:
    /@tanstack|solid-js\/store|@solidjs\/router|lucide-solid|\/dashboard\/(?:shell\/(?!palette|shortcut-help|session-ended|account-menu)|(?:app|routes|main)\.tsx$|state\/(?:account|address|announce|brush|media|period|preferences|scope|shortcuts|visible)|api\/(?:query|stats|use-query)|format\/(?:numbers|time)|components\/(?:page|panel|empty|organization-select|scope-bar)|ui\/(?:bar-select|chip|dialog|icon|later|menu|once-idle|popover|skeleton|toast)\.tsx?$|usage\/(?:metrics|groups?|change|delta|filter-chips|buckets)\.tsx?$)/,
  charts: /\/dashboard\/(?:charts\/(?!chart-table|ranked-bars|sparkline)|format\/bucket)/,
  // Lists and what is changed in them.
  lists:
    /\/dashboard\/(?:components\/(?:data-table|list-panel|filter-input|new-limit|limit-fields|limits-above|standing-cell|history|confirm|reveal|changed-meanwhile|save-bar|section|meter|bulk-bar)|format\/limit|state\/(?:limit-draft|bulk)|api\/(?:limits|use-pages)|ui\/tabs)\.tsx?$/,
  fields: /\/dashboard\/(?:ui\/field|state\/form|components\/form-failure)\.tsx?$/,
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [trustedTemplates(), inlineTheme(), solid(), tailwindcss(), preloadFont(), linkPages()],
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
