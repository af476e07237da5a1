import type { Losses } from "../canonical/losses.ts";
import type { Tool } from "../canonical/tool.ts";
import { fnv1a } from "../lib/fnv1a.ts";

/** What a vendor takes as a tool's name. */
export interface NameRule {
  /** Matches a name that needs no change. */
  valid: RegExp;
  /** Matches one character that must go. */
  illegal: RegExp;
}

const MAXIMUM = 64;
/** What is kept of a name that does not fit: with an underscore and eight digits of its hash it fills the maximum. */
const KEPT = 55;

/** OpenAI's and Anthropic's rule. */
export const PLAIN_NAMES: NameRule = { valid: /^[A-Za-z0-9_-]{1,64}$/, illegal: /[^A-Za-z0-9_-]/g };

/** A tool as the client knows it. */
export interface ClientTool {
  name: string;
  namespace?: string;
  /** The client declared it as free text; the provider was given a function with one parameter. */
  emulated?: "custom";
}

const joined = ({ name, namespace }: { name: string; namespace?: string | undefined }): string =>
  namespace === undefined ? name : `${namespace}__${name}`;

/**
 * The one-to-one map between a request's tool names and the names its provider takes. It depends on the names alone, in
 * the order they are declared, so that the next turn of a conversation gives the same.
 */
export class ToolNames {
  readonly #rule: NameRule;
  readonly #wire = new Map<string, string>();
  readonly #client = new Map<string, ClientTool>();

  constructor(tools: readonly Tool[], rule: NameRule, losses: Losses | null) {
    this.#rule = rule;
    for (const tool of tools) {
      if (tool.type === "builtin") continue;
      const wire = this.wire(tool.name, tool.namespace);
      if (wire !== joined(tool)) losses?.add("tool_renamed", tool.source?.path ?? "tools");
    }
  }

  /** The provider's name of a tool; one that only the history knows gets its place too. */
  wire(name: string, namespace?: string): string {
    const full = joined({ name, namespace });
    const known = this.#wire.get(full);
    if (known !== undefined) return known;
    let wire = full;
    if (!this.#rule.valid.test(full) || this.#client.has(full)) {
      const legal = full.replace(this.#rule.illegal, "_").replace(/^(?=[^A-Za-z_])/, "_");
      const fits = legal.length <= MAXIMUM && legal !== "" && !this.#client.has(legal);
      wire = fits ? legal : `${legal.slice(0, KEPT)}_${fnv1a(full)}`;
    }
    this.#wire.set(full, wire);
    this.#client.set(wire, namespace === undefined ? { name } : { name, namespace });
    return wire;
  }

  /** The provider's name of a tool that is chosen by its own name alone, whatever space it stands in. */
  chosen(name: string): string {
    const declared = [...this.#client].find(([, tool]) => tool.name === name);
    return this.#wire.get(name) ?? declared?.[0] ?? this.wire(name);
  }

  /** Notes that the provider knows a tool of the client's as something else. */
  emulate(name: string, namespace?: string): void {
    const wire = this.wire(name, namespace);
    this.#client.set(wire, { ...(this.#client.get(wire) ?? { name }), emulated: "custom" });
  }

  isEmulated(name: string, namespace?: string): boolean {
    return this.#client.get(this.wire(name, namespace))?.emulated !== undefined;
  }

  /** The tools whose calls must be changed back in the answer, by the provider's name; null when there are none. */
  get restored(): ReadonlyMap<string, ClientTool> | null {
    const changed = [...this.#client].filter(
      ([wire, tool]) => tool.emulated !== undefined || tool.namespace !== undefined || tool.name !== wire,
    );
    return changed.length === 0 ? null : new Map(changed);
  }
}
