import { startSimulator } from "./server.ts";

/**
 * The simulated providers as a process of their own. Environment: SIMULATOR_PORT (8789), SIMULATOR_HOST (127.0.0.1),
 * SIMULATOR_PACE_MS (20). One JSON line when ready; ends on SIGTERM or SIGINT.
 */

const number = (name: string, fallback: number): number => {
  const value = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} must be a whole number, not '${process.env[name]}'`);
  return value;
};

const simulator = await startSimulator({
  port: number("SIMULATOR_PORT", 8789),
  host: process.env.SIMULATOR_HOST ?? "127.0.0.1",
  pace: number("SIMULATOR_PACE_MS", 20),
});
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
console.log(JSON.stringify({ ready: true, url: simulator.url }));
