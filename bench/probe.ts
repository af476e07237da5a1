import { readFileSync, writeFileSync } from "node:fs";

/** Where the probe answers; the product has no such route. */
const PATH = "/bench/ledger/";

/**
 * Writes the bundle with one more path, which tells a Ledger's own counters: what is open, what waits for the database,
 * rows written. Everything else goes to the bundle's own handler, at the price of one comparison.
 *
 * @param bundle the production module.
 * @param to where the copy goes.
 */
export function writeProbed(bundle: string, to: string): void {
  const source = readFileSync(bundle, "utf8");
  const name = /export \{[^}]*?(\w+) as default/s.exec(source)?.[1];
  if (name === undefined) throw new Error(`${bundle} has no default export where it is looked for`);
  // No name of the bundle's, which is ours as it is written, begins so. In a replacement, `$$` is one.
  const own = source.replace(`${name} as default`, "$$probed as default");
  writeFileSync(
    to,
    `${own}
const $probed = {
  ...${name},
  async fetch(request, env, ctx) {
    const at = request.url.indexOf(${JSON.stringify(PATH)});
    if (at < 0) return ${name}.fetch(request, env, ctx);
    const root = request.url.slice(at + ${PATH.length});
    return Response.json(await env.LEDGER.get(env.LEDGER.idFromName(root)).health());
  },
};
`,
  );
}

/** The URL that tells the Ledger of a root organization. */
export const probeUrl = (router: string, rootId: string): string => `${router}${PATH}${rootId}`;
