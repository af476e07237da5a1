/** An assistant's turn as a provider finds it again in the history that it is sent: thought, words, calls. */
export interface Turn {
  state: State | null;
  /** What was said between the thought and the calls. */
  said: string;
  calls: Call[];
}

/** The provider's own state of a turn. */
export interface State {
  value: string;
  /** The thought it was given with, as it came back; null where there is none. */
  thought: string | null;
  /** The id of the item that holds it; null where the vendor gives none. */
  id: string | null;
  /** It stands where the vendor puts it: before the words, or on the first call. */
  inPlace: boolean;
}

export interface Call {
  tool: string;
  /** An object, or free text. */
  input: unknown;
  result: string;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const object = (value: unknown): Json => (isObject(value) ? value : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : objects(content)
        .map((part) => text(part.text))
        .join("\n");

/** Puts a history together, piece by piece. */
class History {
  readonly turns: Turn[] = [];
  readonly #calls = new Map<string, Call>();
  #open: Turn | null = null;

  #turn(): Turn {
    if (this.#open !== null) return this.#open;
    this.#open = { state: null, said: "", calls: [] };
    this.turns.push(this.#open);
    return this.#open;
  }

  state(value: unknown, thought: string, id: unknown): void {
    const turn = this.#turn();
    const inPlace = turn.said === "" && turn.calls.length === 0 && turn.state === null;
    turn.state = { value: text(value), thought: thought || null, id: text(id) || null, inPlace };
  }

  say(words: string): void {
    if (words !== "") this.#turn().said += words;
  }

  /** `signature`: Google's, on the call itself. */
  call(id: unknown, tool: unknown, input: unknown, signature = ""): void {
    const turn = this.#turn();
    if (signature !== "") {
      const inPlace = turn.calls.length === 0 && turn.state === null;
      turn.state = { value: signature, thought: null, id: null, inPlace };
    }
    const call: Call = { tool: text(tool), input, result: "" };
    turn.calls.push(call);
    this.#calls.set(text(id), call);
  }

  result(id: unknown, content: string): void {
    this.#open = null;
    const call = this.#calls.get(text(id));
    if (call !== undefined) call.result = content;
  }
}

function readChat(body: Json, history: History): void {
  for (const message of objects(body.messages)) {
    if (message.role === "tool") history.result(message.tool_call_id, textOf(message.content));
    if (message.role !== "assistant") continue;
    history.say(textOf(message.content));
    for (const { id, function: called } of objects(message.tool_calls)) {
      const { name, arguments: input } = object(called);
      history.call(id, name, JSON.parse(text(input)));
    }
  }
}

function readResponses(body: Json, history: History): void {
  for (const item of objects(body.input)) {
    switch (item.type) {
      case "reasoning":
        history.state(item.encrypted_content, textOf(item.summary), item.id);
        break;
      case "message":
        if (item.role === "assistant") history.say(textOf(item.content));
        break;
      case "function_call":
        history.call(item.call_id, item.name, JSON.parse(text(item.arguments)));
        break;
      case "custom_tool_call":
        history.call(item.call_id, item.name, item.input);
        break;
      default:
        history.result(item.call_id, textOf(item.output));
    }
  }
}

function readMessages(body: Json, history: History): void {
  for (const message of objects(body.messages)) {
    for (const block of objects(message.content)) {
      if (block.type === "thinking") history.state(block.signature, text(block.thinking), null);
      if (block.type === "text" && message.role === "assistant") history.say(text(block.text));
      if (block.type === "tool_use") history.call(block.id, block.name, block.input);
      if (block.type === "tool_result") history.result(block.tool_use_id, textOf(block.content));
    }
  }
}

function readGenerateContent(body: Json, history: History): void {
  for (const content of objects(body.contents)) {
    for (const part of objects(content.parts)) {
      const call = object(part.functionCall);
      const response = object(part.functionResponse);
      if (part.functionCall !== undefined) history.call(call.id, call.name, call.args, text(part.thoughtSignature));
      else if (part.functionResponse !== undefined) history.result(response.id, JSON.stringify(response.response));
      else if (content.role === "model") history.say(text(part.text));
    }
  }
}

const READERS: [path: RegExp, read: (body: Json, history: History) => void][] = [
  [/\/chat\/completions$/, readChat],
  [/\/responses$/, readResponses],
  [/\/messages$/, readMessages],
  [/:(?:stream)?[gG]enerateContent$/, readGenerateContent],
];

/** The assistant's turns in a request to a provider, by the endpoint's path. */
export function turnsOf(path: string, body: unknown): Turn[] {
  const reader = READERS.find(([pattern]) => pattern.test(path));
  if (reader === undefined || !isObject(body)) throw new Error(`no request of a conversation: ${path}`);
  const history = new History();
  reader[1](body, history);
  return history.turns;
}
