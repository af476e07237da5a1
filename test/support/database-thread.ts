import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { startDatabase } from "../../local/database/start.ts";
import type { ThreadData, ThreadRequest } from "./databases.ts";

/** One database in a thread of its own: tells its addresses, then does what it is asked to. */

const { wasm, template } = workerData as ThreadData;
const pglite = await PGlite.create({
  pgliteWasmModule: wasm,
  ...(template === null ? {} : { loadDataDir: template }),
});
const server = await startDatabase({ port: 0, pglite, appPassword: "app-password", ownerPassword: "owner-password" });

parentPort?.on("message", async (request: ThreadRequest) => {
  if (request === "dump") {
    // What is on disk is then whole: a copy has nothing to recover.
    await pglite.exec("checkpoint");
    parentPort?.postMessage(await (await pglite.dumpDataDir("none")).arrayBuffer());
  } else {
    await server.close();
    process.exit(0);
  }
});
parentPort?.postMessage({
  url: server.url,
  appUrl: server.connectionString("app"),
  ownerUrl: server.connectionString("owner"),
});
