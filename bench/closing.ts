import { closeConnections } from "./load.ts";

/** What ends everything a benchmark has started, once, however often it is called; also where the benchmark is interrupted. */
export function closing(stage: { close(): Promise<void> }): () => Promise<void> {
  let closed: Promise<void> | null = null;
  const close = () => {
    closeConnections();
    closed ??= stage.close();
    return closed;
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void close().then(() => process.exit(1)));
  return close;
}
