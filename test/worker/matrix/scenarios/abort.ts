import { expect } from "vitest";
import { isProviderId, providers } from "../../../../worker/providers/registry.ts";
import type { Scenario } from "../scenario.ts";

/**
 * The user leaves. In the middle of a stream the provider's connection is closed with it; a whole answer comes to its end,
 * since nothing shows that nobody waits any more, and is billed as it was. A provider that bills the rest of a stream all
 * the same is read on.
 */
export const abort: Scenario = async (stage) => {
  const { column, stream, visit } = stage;
  const leaving = new AbortController();
  const isReadOn = isProviderId(column.provider) && !providers[column.provider].abortStopsBilling;
  const streamed = isReadOn ? "chunks-100+pace-10" : "chunks-2000+pace-5";
  const directives = stream ? streamed : "headers-after-300";
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
  if (stream && isReadOn) {
    expect(entry).toMatchObject({ clientGone: false, finished: true });
    expect(row).toMatchObject({ outcome: "client_gone", status: 499, exact: true });
    expect(row.tokens.output).toBe(entry?.tokens?.output);
  } else if (!stage.lacks("close")) {
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
