import type { ChatMessage, ChatRequest, ContentPart } from "../../snippets/target.ts";
import { type Answer, type Attachment, answerOf, type Column, type Thread, type Turn } from "./thread.ts";

const partOf = ({ name, type, data }: Attachment): ContentPart =>
  type === "application/pdf"
    ? { type: "file", file: { filename: name, file_data: data } }
    : { type: "image_url", image_url: { url: data } };

const userMessage = ({ text, attachments }: Turn): ChatMessage => ({
  role: "user",
  content:
    attachments.length === 0 ? text : [...attachments.map(partOf), ...(text ? [{ type: "text" as const, text }] : [])],
});

const isSaid = (answer: Answer | undefined): answer is Answer =>
  answer !== undefined && answer.state !== "failed" && answer.text !== "";

/** What one column's model has heard and said, up to a turn; where it said nothing, nothing stands. */
export function messagesOf(thread: Thread, branch: readonly Turn[], column: Column): ChatMessage[] {
  const messages: ChatMessage[] = thread.system.trim() ? [{ role: "system", content: thread.system }] : [];
  for (const [index, turn] of branch.entries()) {
    messages.push(userMessage(turn));
    const answer = answerOf(turn, column.id);
    if (index < branch.length - 1 && isSaid(answer)) messages.push({ role: "assistant", content: answer.text });
  }
  return messages;
}

/** What is wrong with a setting, by its name; null: all can be sent. */
export function settingsProblem({ settings }: Column): keyof Column["settings"] | null {
  const isNumber = (text: string, least: number, most: number, whole = false) =>
    text.trim() === "" ||
    (Number.isFinite(Number(text)) &&
      Number(text) >= least &&
      Number(text) <= most &&
      (!whole || Number.isInteger(Number(text))));
  if (!isNumber(settings.temperature, 0, 2)) return "temperature";
  if (!isNumber(settings.topP, 0, 1)) return "topP";
  if (!isNumber(settings.maxTokens, 1, 10_000_000, true)) return "maxTokens";
  if (!isJson(settings.tools, Array.isArray)) return "tools";
  if (!isJson(settings.schema, (value) => typeof value === "object" && value !== null && !Array.isArray(value)))
    return "schema";
  return null;
}

function isJson(text: string, fits: (value: unknown) => boolean): boolean {
  if (text.trim() === "") return true;
  try {
    return fits(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The settings as members of a request's body. Throws on what `settingsProblem` names. */
function settingsBody({ settings }: Column): Partial<ChatRequest> {
  const number = (name: string, text: string) => (text.trim() === "" ? {} : { [name]: Number(text) });
  return {
    ...number("temperature", settings.temperature),
    ...number("top_p", settings.topP),
    ...number("max_completion_tokens", settings.maxTokens),
    ...(settings.effort === "" ? {} : { reasoning_effort: settings.effort }),
    ...(settings.tools.trim() === "" ? {} : { tools: JSON.parse(settings.tools) as unknown[] }),
    ...(settings.schema.trim() === ""
      ? {}
      : {
          response_format: {
            type: "json_schema",
            json_schema: {
              name: "answer",
              strict: true,
              schema: JSON.parse(settings.schema) as Record<string, unknown>,
            },
          },
        }),
  };
}

/** The body that asks one column's model. `draws`: it is known to answer with images; some vendors' want to be asked for them. */
export const chatBody = (
  thread: Thread,
  branch: readonly Turn[],
  column: Column,
  draws: boolean,
): ChatRequest & { model: string } => ({
  model: column.model,
  messages: messagesOf(thread, branch, column),
  stream: true,
  stream_options: { include_usage: true },
  ...(draws ? { modalities: ["text", "image"] } : {}),
  ...settingsBody(column),
});
