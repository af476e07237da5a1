import { expect } from "vitest";
import type { Scenario } from "../scenario.ts";
import type { DialectName } from "../tables.ts";

const SECONDS = 7;

/** A status as a client of another dialect is told it: the gateway's key is not the client's, and 529 is Anthropic's. */
function toldAs(status: number, dialect: DialectName): number {
  if (status === 529) return dialect === "anthropic-messages" ? 529 : 503;
  return status === 401 ? 502 : status;
}

/** The provider answers with an error. */
export const error =
  (status: number): Scenario =>
  async (stage) => {
    const { column, client, row: asking, visit } = stage;
    const model = `${column.model}+status-${status}+retry-after-${SECONDS}`;
    const seen = await stage.fails({}, model);
    const relayed = column.upstream(asking.dialect) === asking.dialect;
    const told = relayed ? status : toldAs(status, asking.dialect);
    expect(seen).toMatchObject({ name: client.errorName(told), status: told });
    const headers = seen.headers ?? visit.seen[0]?.headers;
    expect(headers?.get("retry-after")).toBe(String(SECONDS));
    expect(headers?.get("x-request-id")).toBe(visit.seen[0]?.requestId);
    const [[row], [entry]] = await Promise.all([stage.rows(), stage.books(1)]);
    expect(entry?.status).toBe(status);
    expect(row).toMatchObject({
      outcome: "provider_error",
      status: told,
      error_code: expect.any(String),
      tokens: { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 },
      cost_nano: 0,
    });
    if (!relayed) {
      const final = ![429, 500, 529].includes(status);
      expect(headers?.get("x-should-retry")).toBe(final ? "false" : null);
    }
  };

/** The provider fails in the middle: inside its stream, or by breaking off a whole answer. */
export const broken: Scenario = async (stage) => {
  const { column, client, stream, row: asking } = stage;
  let text = "";
  const directives = stream ? "chunks-30+error-12" : "cut-1";
  const onText = (piece: string) => {
    text += piece;
  };
  const model = `${column.model}+${directives}`;
  const hidden = stage.lacks("error");
  const seen = hidden ? null : await stage.fails({ onText }, model);
  if (hidden) await client.ask(stage.visit, stage.question({ onText }, model));
  const [[row], [entry]] = await Promise.all([stage.rows(), stage.books(1)]);
  if (stream) {
    expect(text).not.toBe("");
    if (seen !== null) expect(seen.name).toBe(client.streamErrorName);
    expect(row).toMatchObject({ outcome: "stream_error", status: 200, error_code: expect.any(String) });
  } else {
    expect(seen).toMatchObject({ name: client.errorName(502), status: 502 });
    expect(row).toMatchObject({ outcome: "provider_error", status: 502, error_code: "upstream_error" });
  }
  expect(row).toMatchObject({ upstream_dialect: column.upstream(asking.dialect), provider: column.provider });
  expect(entry?.tokens).not.toBeNull();
};
