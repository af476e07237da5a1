import type { Directives } from "./directives.ts";
import { example } from "./example.ts";
import type { Exchange } from "./exchange.ts";
import type { Candidate, OfferedTool, Part, Question, Stop } from "./question.ts";
import { scripted } from "./script.ts";
import { countTokens, cutToTokens } from "./tokens.ts";

/** How much of the user's or a tool's text an answer quotes, in characters. */
const QUOTED = 240;

/** Characters of a large answer that travel in one chunk. */
const LARGE_PIECE = 1024;

/** Plain ASCII, so that a character is a byte. */
const LONG_SENTENCE = "All work and no play makes a long answer. ";

const FILLER = ["and", "so", "on", "in", "the", "same", "even", "tone,"];

const quote = (text: string): string => {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
};

const textPart = (text: string): Part => ({ kind: "text", text, tokens: countTokens(text) });

function sentence(question: Question, model: string): string {
  if (question.toolResults.length > 0) {
    const results = question.toolResults.map((result) => `"${quote(result)}"`);
    return results.length === 1 ? `The tool answered: ${results[0]}.` : `The tools answered: ${results.join(" and ")}.`;
  }
  return `You said: "${quote(question.userText)}". This is ${model}, simulated.`;
}

function answerText(question: Question, directives: Directives, model: string, index: number): string {
  if (directives.text !== undefined) return directives.text;
  if (directives.bytes !== undefined)
    return LONG_SENTENCE.repeat(Math.ceil(directives.bytes / LONG_SENTENCE.length)).slice(0, directives.bytes);
  if (question.format.type === "json") {
    const { schema } = question.format;
    return JSON.stringify(schema === null ? { answer: sentence(question, model) } : example(schema));
  }
  let text = sentence(question, model);
  if (index > 0) text += ` (choice ${index + 1})`;
  if (directives.chunks !== undefined) {
    const words = text.split(" ");
    for (let count = words.length; count < directives.chunks; count += 1)
      words.push(FILLER[count % FILLER.length] ?? "");
    text = words.join(" ");
  }
  return text;
}

/** Which tools are called: a forced one alone, two different ones where that is allowed, as many as a directive says. */
function calledTools(question: Question, directives: Directives): OfferedTool[] {
  const { mode, names } = question.toolChoice;
  if (mode === "none" || directives["no-tools"]) return [];
  if (question.toolResults.length > 0 && mode !== "required") return [];
  const tools = names === null ? question.tools : question.tools.filter((tool) => names.includes(tool.name));
  const wanted = directives.tools ?? (question.parallel && tools.length > 1 ? 2 : 1);
  return tools.length === 0
    ? []
    : Array.from({ length: wanted }, (_, index) => tools[index % tools.length]).filter((tool) => tool !== undefined);
}

function toolPart(tool: OfferedTool, userText: string): Part {
  const argumentsText = tool.freeform ? quote(userText) : JSON.stringify(example(tool.schema));
  return {
    kind: "tool",
    name: tool.name,
    argumentsText,
    complete: true,
    freeform: tool.freeform,
    tokens: countTokens(tool.name) + countTokens(argumentsText),
  };
}

function intendedParts(question: Question, directives: Directives, model: string, index: number): [Part[], Stop] {
  const parts: Part[] = [];
  if ((question.thinking || directives.thinking || directives.redacted) && !directives["no-thinking"]) {
    const text = `The user wrote "${quote(question.userText)}". A short answer that quotes it will do.`;
    parts.push({ kind: "thinking", text, tokens: countTokens(text), redacted: directives.redacted === true });
  }
  if (directives.blocked) return [[], "filter"];
  if (directives.refusal) {
    const text = "I cannot help with that.";
    return [[{ kind: "refusal", text, tokens: countTokens(text) }], "refusal"];
  }
  const tools = calledTools(question, directives);
  if (tools.length > 0) {
    if (directives.preamble) parts.push(textPart(`I will ask ${tools.map((tool) => tool.name).join(" and ")}.`));
    parts.push(...tools.map((tool) => toolPart(tool, question.userText)));
    return [parts, "tool"];
  }
  parts.push(textPart(answerText(question, directives, model, index)));
  return [parts, directives.filter ? "filter" : "end"];
}

function cutAtStop(text: string, stop: string[]): { text: string; sequence: string } | null {
  let best: { text: string; sequence: string } | null = null;
  for (const sequence of stop) {
    const at = sequence === "" ? -1 : text.indexOf(sequence);
    if (at >= 0 && (best === null || at < best.text.length)) best = { text: text.slice(0, at), sequence };
  }
  return best;
}

/** What of a part still fits into `room` tokens; null when nothing does. */
function cutPart(part: Part, room: number): Part | null {
  if (room <= 0) return null;
  if (part.kind === "tool") {
    const left = room - countTokens(part.name);
    if (left <= 0) return null;
    return { ...part, argumentsText: cutToTokens(part.argumentsText, left), complete: false, tokens: room };
  }
  return { ...part, text: cutToTokens(part.text, room), tokens: room };
}

/** The answer to a question: the same question, model and directives always give the same one, unless a script has another. */
export function plan(question: Question, exchange: Exchange, model: string): Candidate[] {
  const sayings = exchange.script?.(question, exchange) ?? null;
  return Array.from({ length: question.candidates }, (_, index) => {
    const [intended, stop] =
      sayings === null ? intendedParts(question, exchange.directives, model, index) : scripted(sayings);
    const candidate: Candidate = { parts: [], stop, stopSequence: null };
    let room = question.maxOutput ?? Number.POSITIVE_INFINITY;
    for (const part of intended) {
      let next = part;
      const stopped = part.kind === "text" ? cutAtStop(part.text, question.stop) : null;
      if (stopped !== null) next = textPart(stopped.text);
      if (next.tokens > room) {
        const cut = cutPart(next, room);
        if (cut !== null) candidate.parts.push(cut);
        candidate.stop = "length";
        break;
      }
      room -= next.tokens;
      if (next.kind !== "text" || next.text !== "") candidate.parts.push(next);
      if (stopped !== null) {
        candidate.stop = "stop_sequence";
        candidate.stopSequence = stopped.sequence;
        break;
      }
    }
    return candidate;
  });
}

/** Output and reasoning tokens of all candidates together. */
export function countOutput(candidates: Candidate[]): { output: number; reasoning: number } {
  let output = 0;
  let reasoning = 0;
  for (const part of candidates.flatMap((candidate) => candidate.parts)) {
    output += part.tokens;
    if (part.kind === "thinking") reasoning += part.tokens;
  }
  return { output, reasoning };
}

/** The pieces a text travels in: a word each, `chunks` even ones when asked, larger ones for a large text. */
export function* pieces(text: string, chunks?: number): Generator<string> {
  if (text.length > 16 * LARGE_PIECE) {
    const size = chunks === undefined ? LARGE_PIECE : Math.ceil(text.length / chunks);
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    return;
  }
  const words = text.match(/\s*\S+\s*$|\s*\S+/g) ?? (text === "" ? [] : [text]);
  const count = Math.min(chunks ?? words.length, words.length);
  for (let index = 0; index < count; index += 1) {
    const from = Math.floor((index * words.length) / count);
    yield words.slice(from, Math.floor(((index + 1) * words.length) / count)).join("");
  }
}
