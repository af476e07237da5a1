import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { StreamEvent } from "../../../worker/canonical/stream-event.ts";
import { arrayAt, isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../../worker/lib/json.ts";
import { type SseEvent, SseReader } from "../../../worker/lib/sse.ts";

/** What decoders promise to encoders, and encoders to clients; each function throws what is broken. */

class Broken extends Error {}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Broken(what);
}

/** The promise of `worker/canonical/stream-event.ts`. Deltas add up to what the part is in the end. */
export function checkEvents(events: readonly StreamEvent[]): void {
  const open = new Map<number, { candidate: number; text: string }>();
  const seen = new Set<number>();
  const finished = new Set<number>();
  let failed = false;
  for (const event of events) {
    must(!failed, `${event.type} after an error`);
    switch (event.type) {
      case "part_start":
        must(!seen.has(event.part), `part ${event.part} begins twice`);
        must(
          !finished.has(event.candidate),
          `part ${event.part} begins after candidate ${event.candidate} has finished`,
        );
        seen.add(event.part);
        open.set(event.part, { candidate: event.candidate, text: "" });
        break;
      case "text_delta":
      case "thinking_delta":
      case "refusal_delta":
      case "arguments_delta": {
        const part = open.get(event.part);
        must(part !== undefined, `${event.type} of part ${event.part}, which is not open`);
        part.text += event.text;
        break;
      }
      case "citation":
        must(open.has(event.part), `a citation of part ${event.part}, which is not open`);
        break;
      case "part_end": {
        const part = open.get(event.part);
        must(part !== undefined, `part ${event.part} ends and is not open`);
        const { final } = event;
        const redacted = final.type === "thinking" && final.state?.where === "redacted";
        const whole = final.type === "tool_call" ? final.arguments : "text" in final && !redacted ? final.text : null;
        // Arguments that nobody told are an empty object.
        const agrees = whole === null || whole === part.text || (part.text === "" && whole === "{}");
        must(agrees, `part ${event.part} told ${JSON.stringify(part.text)} and ends as ${JSON.stringify(whole)}`);
        open.delete(event.part);
        break;
      }
      case "finish":
        must(!finished.has(event.candidate), `candidate ${event.candidate} finishes twice`);
        must(
          ![...open.values()].some(({ candidate }) => candidate === event.candidate),
          `candidate ${event.candidate} finishes with a part open`,
        );
        finished.add(event.candidate);
        break;
      case "error":
        failed = true;
        break;
      default:
        break;
    }
  }
  must(failed || finished.size > 0, "neither a finish nor an error");
}

function eventsOf(stream: string): SseEvent[] {
  const reader = new SseReader();
  const events = reader.read(stream);
  must(!reader.unfinished, "the stream ends inside an event");
  return events;
}

const jsonOf = ({ data }: SseEvent): JsonObject => {
  const value: unknown = JSON.parse(data);
  must(isObject(value), `no object: ${data.slice(0, 80)}`);
  return value;
};

/** `failed`: the stream was ended by an error. */
type Check = (events: SseEvent[], failed: boolean) => void;

const checkChat: Check = (events, failed) => {
  must((events.at(-1)?.data === "[DONE]") === !failed, "[DONE] ends a stream that went well, and no other");
  const chunks = events.filter(({ data }) => data !== "[DONE]").map(jsonOf);
  must(chunks.length >= events.length - 1, "[DONE] twice");
  const choices = new Map<unknown, { role: boolean; finish: boolean; calls: JsonObject[] }>();
  for (const [place, chunk] of chunks.entries()) {
    must(!("error" in chunk) || (failed && place === chunks.length - 1), "an error that does not end the stream");
    for (const choice of arrayAt(chunk, "choices")) {
      must(isObject(choice), "a choice that is no object");
      const known = choices.get(choice.index) ?? { role: false, finish: false, calls: [] };
      choices.set(choice.index, known);
      const delta = objectAt(choice, "delta") ?? {};
      must(!known.finish, "a delta after the finish");
      known.role ||= delta.role === "assistant";
      must(known.role, "a delta before the role");
      for (const call of arrayAt(delta, "tool_calls")) {
        const index = (call as JsonObject).index as number;
        must(Number.isInteger(index) && index >= 0 && index <= known.calls.length, `call ${index} leaves a gap`);
        if (index < known.calls.length) continue;
        const name = stringAt(objectAt(call, "function") ?? objectAt(call, "custom"), "name");
        must(typeof (call as JsonObject).id === "string" && name !== undefined, "a call without id or name");
        known.calls.push(call as JsonObject);
      }
      known.finish ||= typeof choice.finish_reason === "string";
    }
  }
  must(failed || choices.size > 0, "no choice");
  must(failed || [...choices.values()].every(({ finish }) => finish), "a choice that does not finish");
};

const TERMINALS = ["response.completed", "response.incomplete", "response.failed"];

const checkResponses: Check = (events, failed) => {
  const items = new Map<unknown, { id: unknown; type: unknown; done: boolean }>();
  const parsed = events.map((event) => {
    const value = jsonOf(event);
    must(event.event === value.type, `event ${event.event} of type ${String(value.type)}`);
    return value;
  });
  let response: unknown;
  for (const [place, event] of parsed.entries()) {
    must(event.sequence_number === place, `number ${String(event.sequence_number)} at place ${place}`);
    const type = String(event.type);
    must((type === "response.created") === (place === 0), `${type} at place ${place}`);
    must(TERMINALS.includes(type) === (place === parsed.length - 1), `${type} at place ${place} of ${parsed.length}`);
    const told = objectAt(event, "response");
    if (told !== undefined) {
      response ??= told.id;
      must(told.id === response, "the response's id changes");
    }
    const at = event.output_index;
    if (type === "response.output_item.added") {
      const item = objectAt(event, "item");
      must(at === items.size, `item ${String(at)} leaves a gap`);
      must(![...items.values()].some(({ id }) => id === item?.id), "an id twice");
      items.set(at, { id: item?.id, type: item?.type, done: false });
    } else if (at !== undefined) {
      const item = items.get(at);
      must(item !== undefined && !item.done, `${type} of item ${String(at)}, which is not open`);
      if ("item_id" in event) must(event.item_id === item.id, `${type} under another id`);
      if (type === "response.output_item.done") {
        const done = objectAt(event, "item");
        must(done?.id === item.id && done?.type === item.type, "an item changes what it is");
        item.done = true;
      }
    }
  }
  const last = parsed.at(-1);
  must((last?.type === "response.failed") === failed || !failed, "a failure that does not end as one");
  if (failed) return;
  must(
    [...items.values()].every(({ done }) => done),
    "an item that is never done",
  );
  const output = arrayAt(objectAt(last, "response"), "output");
  must(output.length === items.size, `${output.length} items in the end, ${items.size} before`);
  for (const [at, item] of output.entries())
    must((item as JsonObject).id === items.get(at)?.id, "another item in the end");
};

const DELTAS: Record<string, string[]> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  tool_use: ["input_json_delta"],
};

const checkMessages: Check = (events, failed) => {
  let open: { index: unknown; type: string; json: string } | null = null;
  let next = 0;
  let ended = false;
  const parsed = events.map((event) => {
    const value = jsonOf(event);
    must(event.event === value.type, `event ${event.event} of type ${String(value.type)}`);
    return value;
  });
  for (const [place, event] of parsed.entries()) {
    must(
      (event.type === "message_start") === (place === 0) || event.type === "error",
      `${String(event.type)} at ${place}`,
    );
    must((event.type === "message_stop") === (place === parsed.length - 1 && !failed), "message_stop out of place");
    switch (event.type) {
      case "content_block_start": {
        must(open === null && !ended, "a block inside a block, or after the end");
        must(event.index === next, `block ${String(event.index)}, not ${next}`);
        open = { index: next++, type: stringAt(objectAt(event, "content_block"), "type") ?? "", json: "" };
        break;
      }
      case "content_block_delta": {
        must(open !== null && event.index === open.index, "a delta of a block that is not open");
        const delta = objectAt(event, "delta");
        must(
          DELTAS[open.type]?.includes(String(delta?.type)) === true,
          `${String(delta?.type)} in a ${open.type} block`,
        );
        open.json += stringAt(delta, "partial_json") ?? "";
        break;
      }
      case "content_block_stop":
        must(open !== null && event.index === open.index, "a block ends that is not open");
        if (open.type === "tool_use") {
          // What a provider broke off, or spelled wrongly, was passed on before that could be known.
          const input = parseJson(open.json);
          must(input === undefined || isObject(input), `an input that is no object: ${open.json}`);
        }
        open = null;
        break;
      case "message_delta":
        must(open === null && !ended, "message_delta out of place");
        must(typeof objectAt(event, "usage")?.output_tokens === "number", "no output tokens");
        ended = true;
        break;
      case "error":
        must(failed && place === parsed.length - 1, "an error that does not end the stream");
        break;
      default:
        break;
    }
  }
  must(failed || ended, "no message_delta");
};

const checkGemini: Check = (events, failed) => {
  must(!events.some(({ data }) => data.includes("[DONE]") && data.length < 10), "[DONE]");
  const chunks = events.map(jsonOf);
  const finished = new Map<unknown, boolean>();
  for (const [place, chunk] of chunks.entries()) {
    must(!("error" in chunk) || (failed && place === chunks.length - 1), "an error that does not end the stream");
    for (const candidate of arrayAt(chunk, "candidates")) {
      must(isObject(candidate), "a candidate that is no object");
      must(finished.get(candidate.index) !== true, "parts after the reason to finish");
      finished.set(candidate.index, typeof candidate.finishReason === "string");
      for (const part of arrayAt(objectAt(candidate, "content"), "parts")) {
        const call = objectAt(part, "functionCall");
        if (call !== undefined)
          must(isObject(call.args) && typeof call.id === "string", "a call without arguments or id");
      }
    }
  }
  must(
    failed || (finished.size > 0 && [...finished.values()].every(Boolean)),
    "a candidate without a reason to finish",
  );
  if (failed) must(typeof objectAt(chunks.at(-1), "error")?.code === "number", "an error without a numeric code");
};

const CHECKS: Record<ChatDialectId, Check> = {
  "openai-chat": checkChat,
  "openai-responses": checkResponses,
  "anthropic-messages": checkMessages,
  "google-generate-content": checkGemini,
};

/** A client's stream, whole; `failed`: an error came in the middle of it. */
export function checkStream(dialect: ChatDialectId, stream: string, failed: boolean): void {
  CHECKS[dialect](eventsOf(stream), failed);
}

const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

const ANSWERS: Record<ChatDialectId, (body: JsonObject) => void> = {
  "openai-chat": (body) => {
    must(body.object === "chat.completion" && typeof body.id === "string", "no completion");
    must(arrayAt(body, "choices").length > 0, "no choice");
    for (const choice of arrayAt(body, "choices")) {
      must(isObject(choice) && typeof choice.index === "number", "a choice without a place");
      must(typeof choice.finish_reason === "string", "a choice that does not finish");
      const message = objectAt(choice, "message");
      must(message?.role === "assistant" && "content" in message && "refusal" in message, "no message");
      for (const call of arrayAt(message, "tool_calls")) {
        const told = objectAt(call, "function") ?? objectAt(call, "custom");
        must(
          typeof (call as JsonObject).id === "string" && typeof told?.name === "string",
          "a call without id or name",
        );
        must(typeof (told.arguments ?? told.input) === "string", "arguments that are no text");
      }
    }
  },
  "openai-responses": (body) => {
    must(body.object === "response" && typeof body.id === "string", "no response");
    must(["completed", "incomplete", "failed"].includes(String(body.status)), `status ${String(body.status)}`);
    must(Array.isArray(body.output), "no output");
    const ids = body.output.map((item) => stringAt(item, "id"));
    must(ids.every((id) => id !== undefined) && new Set(ids).size === ids.length, "items without ids of their own");
  },
  "anthropic-messages": (body) => {
    must(body.type === "message" && body.role === "assistant" && typeof body.id === "string", "no message");
    must(Array.isArray(body.content) && typeof body.stop_reason === "string", "no content, or no reason to stop");
    must(isNumber(objectAt(body, "usage")?.output_tokens), "no output tokens");
    for (const block of body.content) {
      must(typeof stringAt(block, "type") === "string", "a block without a type");
      if (stringAt(block, "type") === "tool_use") must(objectAt(block, "input") !== undefined, "an input that is none");
    }
  },
  "google-generate-content": (body) => {
    must(arrayAt(body, "candidates").length > 0 || objectAt(body, "promptFeedback") !== undefined, "no candidate");
    for (const candidate of arrayAt(body, "candidates")) {
      must(isObject(candidate) && typeof candidate.finishReason === "string", "a candidate that does not finish");
      for (const part of arrayAt(objectAt(candidate, "content"), "parts")) {
        const call = objectAt(part, "functionCall");
        if (call !== undefined)
          must(isObject(call.args) && typeof call.id === "string", "a call without arguments or id");
      }
    }
  },
};

/** A client's whole answer. */
export function checkAnswer(dialect: ChatDialectId, body: JsonObject): void {
  ANSWERS[dialect](body);
}
