import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { processNumbers, readProcessFile } from "./processes.ts";
import { StartError } from "./start-error.ts";

export const HOST = "127.0.0.1";

/** Below what systems give to outgoing connections: one of those could take a port between its choice and its use. */
const LOWEST = 20_000;
const CHOICE = 12_000;

/** A port of the loopback interface that was free a moment ago, and is nobody's by chance. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await tryPort(LOWEST + randomInt(CHOICE)).catch(unlessTaken);
    if (port !== null) return port;
  }
}

function unlessTaken(error: NodeJS.ErrnoException): null {
  if (error.code !== "EADDRINUSE") throw error;
  return null;
}

/** `port` itself, or any free one for 0. Throws a `StartError` that says who holds it and which variable moves us. */
export async function claimPort(port: number, variable: string): Promise<number> {
  try {
    return await (port === 0 ? freePort() : tryPort(port));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES") throw new StartError(`Port ${port} (${variable}) needs more rights than this user has.`);
    if (code !== "EADDRINUSE") throw error;
    const holder = portHolder(port);
    throw new StartError(
      `Port ${port} is taken${holder ? ` by ${holder}` : ""}. End that program, or choose another port: ` +
        `${variable}=${await freePort()} npm start`,
    );
  }
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(port)));
  });
}

/** `node (pid 4711)`, or null when the system does not tell. */
function portHolder(port: number): string | null {
  try {
    return process.platform === "linux" ? linuxHolder(port) : lsofHolder(port);
  } catch {
    return null;
  }
}

function linuxHolder(port: number): string | null {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      // Columns: slot, local address, remote address, state (0A: listening), …, inode.
      .filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${hexPort}`))
      .map((columns) => `socket:[${columns[9]}]`),
  );
  const pid = processNumbers().find((pid) => openFiles(pid).some((file) => sockets.includes(file)));
  return pid === undefined ? null : `${readProcessFile(pid, "comm")?.trim()} (pid ${pid})`;
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((file) => readlinkSync(`/proc/${pid}/fd/${file}`));
  } catch {
    return [];
  }
}

function lsofHolder(port: number): string | null {
  const lines = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], { encoding: "utf8" }).split(
    "\n",
  );
  const field = (letter: string) => lines.find((line) => line.startsWith(letter))?.slice(1);
  return field("p") ? `${field("c")} (pid ${field("p")})` : null;
}
