import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";

/**
 * The user leaves. In the middle of a stream the provider's connection is closed with it; a whole answer comes to its end,
 * since nothing shows that nobody waits any more, and is billed as it was.
 */
export const abort: Scenario = async (stage) => {
  const { column, stream, visit } = stage;
  const leaving = new AbortController();
  const directives = stream ? "chunks-2000+pace-5" : "headers-after-300";
  const question = stage.question(
    { signal: leaving.signal, onText: () => leaving.abort() },
    `${column.model}+${directives}`,
  );
  const asking = stage.client.ask(visit, question).then(
    () => "answered",
    (error: unknown) => error,
  );
  if (!stream) {
    await arrived(stage);
    leaving.abort();
  }
  expect(await asking).toBeInstanceOf(Error);
  const [[entry], row] = await Promise.all([stage.books(1), stage.onlyRow()]);
  expect(row).toMatchObject({ streamed: stream, provider: column.provider });
  if (!stage.lacks("close")) {
    expect(entry).toMatchObject({ clientGone: true, finished: false });
    expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: false });
  } else {
    expect(row).toMatchObject({ outcome: "ok", status: 200, exact: true });
    expect(row.tokens.output).toBe(entry?.tokens?.output);
  }
};

const arrived = async ({ visit }: Parameters<Scenario>[0]): Promise<void> => {
  const query = new URLSearchParams({ contains: visit.marker, wait: "10000", count: "1" });
  await fetch(`${visit.gateway.simulator.url}/_simulator/requests?${query}`);
};
