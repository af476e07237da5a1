import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";

interface Statement {
  query: string;
  params: unknown[];
}

/** A Neon endpoint's stand-in that notes what passes. */
export interface Recorder {
  url: string;
  /** The statements since the last time, without those that only set something. */
  take(): Statement[];
  close(): Promise<void>;
}

/** Starts it before an endpoint. */
export async function startRecorder(endpoint: string): Promise<Recorder> {
  let noted: Statement[] = [];
  const server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.once("end", () => {
      const body = Buffer.concat(pieces);
      const { queries } = JSON.parse(body.toString()) as { queries?: Statement[] };
      noted.push(...(queries ?? []).filter(({ query }) => !query.includes("set_config")));
      const headers = { ...incoming.headers, "content-length": String(body.length) };
      const onward = request(endpoint, { method: "POST", headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.once("error", () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    take() {
      const taken = noted;
      noted = [];
      return taken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A plan's lines that say little: what was not run, and policies that are checked once. */
const IDLE =
  /never executed|One-Time Filter|^\s*(Rows Removed|Filter: \(\(?root_id|Buckets:|Planning:|Heap Fetches: 0)/;
const WIDEST = 160;

/** How Postgres answers statements, as the application's role and with what the Worker sets. */
export async function plansOf(url: string, rootId: string, statements: readonly Statement[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      "select set_config('app.root', $1, false), set_config('jit', 'off', false), set_config('work_mem', '64MB', false)",
      [rootId],
    );
    const plans: string[] = [];
    for (const { query, params } of statements) {
      const explain = `explain (analyze, buffers, costs off, timing off) ${query}`;
      const { rows } = await client.query<{ "QUERY PLAN": string }>(explain, params);
      plans.push(shortened(rows.map((row) => row["QUERY PLAN"])));
    }
    return plans;
  } finally {
    await client.end();
  }
}

function shortened(lines: readonly string[]): string {
  const kept: string[] = [];
  let idle = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const depth = line.search(/\S/);
    if (depth <= idle) idle = line.includes("never executed") ? depth : Number.POSITIVE_INFINITY;
    else continue;
    if (!IDLE.test(line)) kept.push(line.length > WIDEST ? `${line.slice(0, WIDEST)}…` : line);
  }
  return kept.join("\n");
}
