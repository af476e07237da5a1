import { readFileSync, writeFileSync } from "node:fs";
import { writeProbed } from "./probe.ts";

/** Where the distance is set and the calls over it are told; the product has no such route. */
const PATH = "/bench/distance/";

/** Calls of the Ledger by method since the last question. */
export type LedgerCalls = Record<string, number>;

/**
 * Writes the probed bundle (`writeProbed`) with a way to the Ledger as long as one wants: each call of it, from the Worker and
 * from the shards alike, takes so many milliseconds more, half of them before it and half after. Shards stay where they are.
 *
 * @param bundle the production module.
 * @param to where the copy goes.
 */
export function writeFar(bundle: string, to: string): void {
  writeProbed(bundle, to);
  const source = readFileSync(to, "utf8");
  const exported = source
    .replace("$probed as default", "$$far as default")
    .replace(/\bLedgerShard\b(?=[,\s}]+[^;]*as default)/, "$$FarShard as LedgerShard");
  if (!exported.includes("$FarShard as") || !exported.includes("$far as")) {
    throw new Error(`${bundle} does not export what it is looked for`);
  }
  writeFileSync(
    to,
    `${exported}
let $distance = 0;
let $calls = {};
const $halfWay = () => $distance === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, $distance / 2));
const $over = (namespace) => ({
  idFromName: (name) => namespace.idFromName(name),
  jurisdiction: (jurisdiction) => $over(namespace.jurisdiction(jurisdiction)),
  get: (id) => new Proxy({}, {
    get: (_, method) => async (...given) => {
      $calls[method] = ($calls[method] ?? 0) + 1;
      await $halfWay();
      try {
        return await namespace.get(id)[method](...given);
      } finally {
        await $halfWay();
      }
    },
  }),
});
const $from = (env) => ({ ...env, LEDGER: $over(env.LEDGER) });
class $FarShard extends LedgerShard {
  constructor(ctx, env) {
    super(ctx, $from(env));
  }
}
const $far = {
  ...$probed,
  async fetch(request, env, ctx) {
    const at = request.url.indexOf(${JSON.stringify(PATH)});
    if (at < 0) return $probed.fetch(request, request.url.includes("/bench/") ? env : $from(env), ctx);
    const told = $calls;
    $calls = {};
    $distance = Number(request.url.slice(at + ${PATH.length}));
    return Response.json(told);
  },
};
`,
  );
}

/** Sets the way to the Ledger, in milliseconds there and back; answers the calls over it since the last time. */
export async function setDistance(router: string, milliseconds: number): Promise<LedgerCalls> {
  return (await (await fetch(`${router}${PATH}${milliseconds}`)).json()) as LedgerCalls;
}
