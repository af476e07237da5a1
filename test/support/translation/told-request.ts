import { expect } from "vitest";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { TargetModel } from "../../../worker/canonical/target-model.ts";
import { reportRest } from "../../../worker/dialects/portability.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";

/** What becomes of one request on its way into another dialect, by the dialects' own readers and writers. */

export type Id = keyof typeof chatDialects;

export const target = (more: Partial<TargetModel> = {}): TargetModel => ({
  name: "m",
  owner: "none",
  files: null,
  reasoning: { support: "optional", efforts: ["none", "low", "medium", "high"] },
  quirks: new Set(),
  ...more,
});

/** The warnings on the way from one dialect to another, or the code of a refusal; with what was written. */
export function told(from: Id, to: Id, body: JsonObject, model = target()) {
  const losses = new Losses();
  const client = chatDialects[from];
  try {
    const request = client.decodeRequest(body, { model: "m", stream: false });
    reportRest(request, client.portability, losses);
    const encoded = chatDialects[to].encodeRequest(request, model, losses);
    return { body: encoded.body, warnings: losses.warnings.map(({ code, path }) => `${code}@${path}`) };
  } catch (error) {
    if (error instanceof GatewayError) return { refused: `${error.code}@${error.param}` };
    throw error;
  }
}

/** What is told, or refused, and members that the request must not have. */
export type Wanted = Partial<ReturnType<typeof told>> & { absent?: string[] };
export type Row = [what: string, from: Id, to: Id, body: JsonObject, wanted: Wanted, model?: TargetModel];

export function checkRow(...[_what, from, to, body, { absent = [], ...wanted }, model]: Row): void {
  const result = told(from, to, body, model);
  expect(result).toMatchObject(wanted);
  for (const member of absent) expect(result.body).not.toHaveProperty(member);
}

export const user = (content: unknown = "?") => ({ role: "user", content });
export const said = (content: unknown) => ({ role: "assistant", content });
export const words = (text: string) => [{ type: "text", text }];
export const contents = [{ role: "user", parts: [{ text: "?" }] }];
export const messages = (more: JsonObject, content: JsonObject[] = []) => ({
  max_tokens: 4096,
  messages: [{ role: "user", content: [...content, { type: "text", text: "?" }] }],
  ...more,
});
