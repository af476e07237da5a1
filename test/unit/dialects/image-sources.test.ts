import { expect, test } from "vitest";
import { said, told, user } from "../../support/translation/told-request.ts";

/** A picture cannot be a text: refused by name, wherever it stands, before any encoder meets it. */

const picture = (type: string) => ({ type: "image", source: { type, data: "a", content: "a" } });
const call = { type: "tool_use", id: "toolu_1", name: "look", input: {} };
const result = (type: string) => ({ type: "tool_result", tool_use_id: "toolu_1", content: [picture(type)] });

test.each(["text", "content"])("a picture whose source is %s is refused", (type) => {
  for (const upstream of ["openai-chat", "openai-responses", "google-generate-content"] as const) {
    const asked = { messages: [user([picture(type)])] };
    const answered = { messages: [user(), said([call]), user([result(type)])] };
    expect(told("anthropic-messages", upstream, asked)).toEqual({
      refused: "invalid_value@messages[0].content[0].source.type",
    });
    expect(told("anthropic-messages", upstream, answered)).toEqual({
      refused: "invalid_value@messages[2].content[0].content[0].source.type",
    });
  }
});
