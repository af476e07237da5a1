import { describe, expect, test } from "vitest";
import { errorOfFailure } from "../../../worker/dialects/failure.ts";
import { parseJson } from "../../../worker/lib/json.ts";
import { ANSWERS, type ProviderAnswer } from "../../support/translation/corpus.ts";
import { DIALECT_IDS, dialectOf } from "../../support/translation/run-dialect.ts";
import { SDK_READERS } from "../../support/translation/sdk-readers.ts";
import { type Json, sentence } from "../../support/translation/told/told-answer.ts";

/** Every error of a provider at hand, in every dialect, as that vendor's SDK throws it. */

const errors = ANSWERS.filter(({ status }) => status >= 300);

/** Refusals of the gateway's own credential are the gateway's trouble, and no client's. */
const OURS = [401, 402, 403];

const classOf = (status: number): number => Math.floor(status / 100);

/** The longest run of words without addresses, keys or ids, which are masked. */
function quotable(message: string): string {
  const runs = message.split(/\S*(?:https?:|sk-|req_|\*\*|[0-9a-f]{8}|[\w-]{24})\S*/i).map((run) => run.trim());
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "");
}

const thrown = async (answer: Promise<unknown>): Promise<Json> =>
  answer.then(
    () => null,
    (error: unknown) => error,
  );

const toldBy = ({ bytes }: ProviderAnswer): string => {
  const body = parseJson(new TextDecoder().decode(bytes)) as Json;
  const first = Array.isArray(body) ? body[0] : body;
  return sentence(first?.error ?? first?.detail ?? first) || sentence(first?.error?.error);
};

describe("an error reaches the clients of every dialect", () => {
  test.each(errors.map((answer) => [answer.name, answer] as const))("%s", async (_name, answer) => {
    const { dialect, status, headers, bytes } = answer;
    const body = parseJson(new TextDecoder().decode(bytes));
    const error = errorOfFailure(dialectOf(dialect).decodeFailure(status, new Headers(headers), body));
    // Google says 400 of a bad key, and stays with it; the words are the gateway's all the same.
    const ours = error.class === "internal" && [...OURS, 400].includes(status);
    expect.soft(classOf(error.status)).toBe(OURS.includes(status) && ours ? 5 : classOf(status));
    for (const client of DIALECT_IDS) {
      const envelope = JSON.stringify(dialectOf(client).encodeError(error, "req_1").body);
      const seen = await thrown(SDK_READERS[client].whole(envelope, error.status));
      expect.soft(seen?.status, client).toBe(error.status);
      expect.soft(seen?.message.replace(/^\d+ /, "").length, client).toBeGreaterThan(3);
      const words = ours ? "" : quotable(toldBy(answer)).slice(0, 60);
      expect.soft(JSON.stringify(seen.message), client).toContain(JSON.stringify(words).slice(1, -1));
    }
  });
});
