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

export default defineConfig({
  root: import.meta.dirname,
  plugins: [trustedTemplates(), solid(), tailwindcss()],
  build: {
    // The browsers that know `light-dark()` and Trusted Types, or do without the latter.
    target: ["chrome123", "edge123", "firefox128", "safari18"],
    // Everything small would become a data: URL otherwise; the policy allows those for images only.
    assetsInlineLimit: 0,
    emptyOutDir: true,
  },
  optimizeDeps: { exclude: ["solid-js/web"] },
});
