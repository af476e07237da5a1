import { isDeepStrictEqual } from "node:util";
import type { Exchange } from "../../local/simulator/exchange.ts";
import type { OfferedTool, Question } from "../../local/simulator/question.ts";
import type { Saying, Script } from "../../local/simulator/script.ts";
import { checkSeal } from "../../local/simulator/seal.ts";
import type { Agent, ToolUse } from "./agents.ts";
import { type Call, type State, type Turn, turnsOf } from "./turns.ts";

/** What the agent is told to do in its folder, and the files there. */
export const TASK = "Read recipe.txt and fruit.txt. Then replace the word apple with pear in fruit.txt.";
export const EDITED = "fruit.txt";
export const FILES = { "recipe.txt": "Take a pear.\n", "fruit.txt": "plum\napple\ncherry\n" };
export const AFTER = "plum\npear\ncherry\n";
/** What its model says first and last. */
const OPENING = "I will look at both files.";
export const CLOSING = "Done: the apple is a pear now.";

/** Header names of a translated request; any other would be the client's. */
const HEADERS =
  /^(?:accept|accept-encoding|authorization|x-api-key|x-goog-api-key|anthropic-version|anthropic-beta|connection|content-length|content-type|host|transfer-encoding|user-agent|cf-.*)$/;

/** Members that belong to one vendor's dialect, by the endpoints that know them. A key inside a text has a backslash. */
const MEMBERS: [endpoint: RegExp, names: string[]][] = [
  [/\/messages$/, ["cache_control", "input_schema", "signature", "thinking", "context_management", "tool_use_id"]],
  [/\/responses$/, ["encrypted_content", "client_metadata", "namespace", "call_id"]],
  [/\/chat\/completions$/, ["max_completion_tokens", "tool_call_id", "reasoning_content", "reasoning_details"]],
  [/enerateContent$/, ["thoughtSignature", "functionCall", "functionDeclarations", "thinkingConfig"]],
];

interface Line {
  say: string;
  uses: ToolUse[];
}

/**
 * The provider's part in a run: it has the agent read two files at once, then edit one, then says that it is done, each
 * after a thought of its own that is sealed in its vendor's way. What comes back wrongly is noted in `faults`.
 */
export class Role {
  readonly faults: string[] = [];
  readonly #name: string;
  readonly #lines: Line[];
  #finished = false;

  /** `folder` is where the agent works. */
  constructor(name: string, agent: Agent, folder: string) {
    this.#name = name;
    this.#lines = [
      { say: OPENING, uses: Object.keys(FILES).map((file) => agent.read(`${folder}/${file}`)) },
      { say: "", uses: [agent.replace(`${folder}/${EDITED}`, "apple", "pear")] },
    ];
  }

  /** It has said its last. */
  get finished(): boolean {
    return this.#finished;
  }

  readonly script: Script = (question, exchange) => {
    this.#checkForeign(exchange);
    // Titles and summaries are asked for without tools; the planner answers.
    if (question.tools.length === 0) return null;
    const body: unknown = JSON.parse(exchange.bodyText);
    const streams = exchange.path.includes(":stream") || (body as { stream?: unknown }).stream === true;
    if (!streams) this.#fault("a turn was not asked for as a stream");
    const turns = turnsOf(exchange.path, body);
    for (const [index, turn] of turns.entries()) this.#checkTurn(index, turn, exchange);
    const line = this.#lines[turns.length];
    const thought = { think: this.#thought(turns.length) };
    if (line !== undefined) return [thought, ...this.#sayings(line, question)];
    this.#finished = true;
    return [thought, { say: CLOSING }];
  };

  /** A thought that no other turn of no other run has: its seal tells where it belongs. */
  #thought(index: number): string {
    return `Turn ${index + 1} of "${this.#name}": I know what to do next.`;
  }

  #sayings({ say, uses }: Line, { tools }: Question): Saying[] {
    const calls = uses.flatMap(({ tool: name, input }): Saying[] => {
      const tool = tools.find((offered) => offered.name === name);
      if (tool !== undefined) return [{ call: tool, with: argumentsFor(tool, input) }];
      this.#fault(`the tool ${name} is not offered; there are ${tools.map((one) => one.name).join(", ")}`);
      return [];
    });
    return [...(say === "" ? [] : [{ say }]), ...calls];
  }

  #checkTurn(index: number, { state, said, calls }: Turn, exchange: Exchange): void {
    const place = `turn ${index + 1}`;
    const line = this.#lines[index];
    if (line === undefined) {
      this.#fault(`${place} was never spoken: ${said}`);
      return;
    }
    if (said !== line.say) this.#fault(`${place}: the words came back as ${JSON.stringify(said)}`);
    if (calls.length !== line.uses.length) this.#fault(`${place}: ${calls.length} calls came back`);
    for (const [at, use] of line.uses.entries()) this.#checkCall(`${place}, call ${at + 1}`, use, calls[at]);
    if (index === 0)
      for (const [at, content] of Object.values(FILES).entries())
        if (!calls[at]?.result.includes(content.split("\n")[0] ?? ""))
          this.#fault(`${place}: the file was not read: ${calls[at]?.result}`);
    this.#checkState(place, this.#thought(index), state, exchange);
  }

  #checkCall(place: string, use: ToolUse, call: Call | undefined): void {
    const asObject = (input: unknown): object => (typeof input === "string" ? { input } : { ...(input as object) });
    const wanted = asObject(use.input);
    // Agents may write a tool's defaults into its call.
    const common = Object.entries(asObject(call?.input)).filter(([key]) => Object.hasOwn(wanted, key));
    if (call?.tool !== use.tool || !isDeepStrictEqual(Object.fromEntries(common), wanted))
      this.#fault(`${place} came back as ${JSON.stringify(call)}`);
  }

  /** The state must be the very one that was given with this turn's thought. OpenAI's Chat has none. */
  #checkState(place: string, thought: string, state: State | null, { path, entry }: Exchange): void {
    if (path.endsWith("/chat/completions")) return;
    if (state === null) {
      this.#fault(`${place}: its state did not come back`);
      return;
    }
    if (!state.inPlace) this.#fault(`${place}: its state came back to another place`);
    if (checkSeal(entry.provider, state.value, thought) !== "valid")
      this.#fault(`${place}: another state came back: ${state.value}`);
    else if (Buffer.from(state.value, "base64").toString("base64") !== state.value)
      this.#fault(`${place}: its state came back in another spelling: ${state.value}`);
    if (state.thought !== null && state.thought !== thought) this.#fault(`${place}: its thought was changed`);
    if (path.endsWith("/responses") && !/^rs_[0-9a-f]{48}$/.test(state.id ?? ""))
      this.#fault(`${place}: its item came back with another id: ${state.id}`);
  }

  #checkForeign({ path, headers, bodyText }: Exchange): void {
    for (const name of Object.keys(headers)) if (!HEADERS.test(name)) this.#fault(`a header of the client's: ${name}`);
    for (const [endpoint, names] of MEMBERS) {
      if (endpoint.test(path)) continue;
      for (const name of names)
        if (bodyText.includes(`"${name}":`)) this.#fault(`a member of another dialect: ${name}`);
    }
    if (/gaia1\.|Z2FpYTEu/.test(bodyText)) this.#fault("an envelope of the gateway's");
    if (bodyText.includes("x-anthropic-billing-header")) this.#fault("Claude Code's billing line");
  }

  #fault(what: string): void {
    if (!this.faults.includes(what)) this.faults.push(what);
  }
}

/** Free text is the one parameter of a function where the provider has only functions. */
function argumentsFor(tool: OfferedTool, input: ToolUse["input"]): string {
  if (typeof input !== "string") return JSON.stringify(input);
  return tool.freeform ? input : JSON.stringify({ input });
}
