import type { ChatMessage, ChatRequest, ContentPart } from "./target.ts";
import type { Expression } from "./write.ts";

/** A file beside an example, too long to stand in it. */
export interface SideFile {
  name: string;
  /** `image/png`, `application/pdf` … */
  type: string;
  /** Its bytes, in base64. */
  data: string;
}

/** The files of a request by the part they stand for, named by their order. */
export function filesOf({ messages }: ChatRequest): Map<ContentPart, SideFile> {
  const files = new Map<ContentPart, SideFile>();
  const counts = { image: 0, document: 0 };
  for (const { content } of messages) {
    if (typeof content === "string") continue;
    for (const part of content) {
      if (part.type === "text") continue;
      const kind = part.type === "file" ? "document" : "image";
      const url = part.type === "file" ? part.file.file_data : part.image_url.url;
      const [, type = "", data = ""] = /^data:([^;,]*)[^,]*,(.*)$/s.exec(url) ?? [];
      const ending = /^\w+\/(\w+)$/.exec(type)?.[1] ?? "bin";
      files.set(part, { name: `${kind}-${++counts[kind]}.${ending}`, type, data });
    }
  }
  return files;
}

/** The system prompt; undefined where there is none. */
export const systemOf = ({ messages }: ChatRequest): string | undefined =>
  messages
    .filter(({ role }) => role === "system")
    .map(textOf)
    .join("\n\n") || undefined;

/** What is said in turns. */
export const turnsOf = ({ messages }: ChatRequest): ChatMessage[] => messages.filter(({ role }) => role !== "system");

/** What is asked, where nothing was said before and it is words alone; else undefined. */
export function onlyQuestion(request: ChatRequest): string | undefined {
  const [turn, second] = turnsOf(request);
  return second === undefined && typeof turn?.content === "string" ? turn.content : undefined;
}

/** The words of a message. */
export const textOf = ({ content }: ChatMessage): string =>
  typeof content === "string"
    ? content
    : content
        .filter((part) => part.type === "text")
        .map(({ text }) => text)
        .join("\n");

/** Each part of a message in a client's own words. */
export const partsOf = <T>(
  { content }: ChatMessage,
  files: ReadonlyMap<ContentPart, SideFile>,
  write: { text: (text: string) => T; file: (file: SideFile, part: ContentPart) => T },
): T[] =>
  (typeof content === "string" ? [{ type: "text" as const, text: content }] : content).map((part) => {
    const file = files.get(part);
    return file === undefined ? write.text(part.type === "text" ? part.text : "") : write.file(file, part);
  });

/** The messages as they are, but for the files, which an expression reads. */
export function chatMessages(request: ChatRequest, read: (file: SideFile) => Expression): object[] {
  const files = filesOf(request);
  return request.messages.map((message) => ({
    role: message.role,
    content:
      typeof message.content === "string"
        ? message.content
        : message.content.map((part) => {
            const file = files.get(part);
            if (part.type === "text" || file === undefined) return part;
            return part.type === "file"
              ? { ...part, file: { ...part.file, file_data: read(file) } }
              : { ...part, image_url: { url: read(file) } };
          }),
  }));
}

/** A function a model may call. */
export interface FunctionTool {
  name: string;
  description?: string;
  parameters?: Record<string, unknown>;
  strict?: boolean;
}

/** The functions among a request's tools; what else Chat has for tools, no other client takes. */
export function functionsOf({ tools = [] }: ChatRequest): FunctionTool[] {
  return tools.flatMap((tool) => {
    const { function: known } = (tool ?? {}) as { function?: FunctionTool };
    return typeof known?.name === "string" ? [known] : [];
  });
}

/** Whether there are tools that are no functions. */
export const hasOtherTools = (request: ChatRequest): boolean =>
  (request.tools?.length ?? 0) > functionsOf(request).length;
