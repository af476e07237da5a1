/**
 * Changes places deep inside a JSON text so that everything around them stays as it was spelled, byte for byte. For texts
 * that `JSON.parse` takes; used only when there is something to change.
 */

/** A value's place in the text, and what it holds. */
interface Node {
  start: number;
  end: number;
  /** Elements of an array or members of an object, in order; null for anything else. */
  children: Child[] | null;
}

interface Child {
  key: string | number;
  /** Where the child begins: a member's name included. */
  start: number;
  node: Node;
}

export type JsonPath = readonly (string | number)[];

/**
 * What becomes of a value: `null` takes it out, a text stands in its place, undefined leaves it (and looks inside). `spelled`
 * gives it as it stands there.
 */
export type JsonVisit = (path: JsonPath, spelled: () => string) => string | null | undefined;

const WHITE = /[\t\n\r ]*/y;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Node {
    this.#skip();
    const start = this.#at;
    const first = this.#text[this.#at];
    if (first === "{" || first === "[") return this.#container(start, first === "{" ? "}" : "]");
    if (first === '"') this.#string();
    else while (this.#at < this.#text.length && !/[\s,\]}]/.test(this.#text[this.#at] as string)) this.#at++;
    return { start, end: this.#at, children: null };
  }

  #container(start: number, close: string): Node {
    const children: Child[] = [];
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === close || this.#at >= this.#text.length) break;
      const begins = this.#at;
      let key: string | number = children.length;
      if (close === "}") {
        key = JSON.parse(this.#string()) as string;
        this.#skip();
        this.#at++;
      }
      children.push({ key, start: begins, node: this.value() });
      this.#skip();
      if (this.#text[this.#at] === ",") this.#at++;
    }
    this.#at++;
    return { start, end: this.#at, children };
  }

  #string(): string {
    const start = this.#at;
    for (this.#at++; this.#at < this.#text.length && this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === "\\") this.#at++;
    }
    this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #skip(): void {
    WHITE.lastIndex = this.#at;
    this.#at += WHITE.exec(this.#text)?.[0].length ?? 0;
  }
}

/** The text with what `visit` says changed. Values are visited from the outside in. */
export function editJson(text: string, visit: JsonVisit): string {
  const rewritten = (node: Node, path: JsonPath): string | null => {
    const spelled = () => text.slice(node.start, node.end);
    const said = visit(path, spelled);
    if (said !== undefined) return said;
    if (node.children === null) return spelled();
    const kept = node.children.map((child) => {
      const inner = rewritten(child.node, [...path, child.key]);
      return inner === null ? null : text.slice(child.start, child.node.start) + inner;
    });
    // What stands before the first child and after the last stays, and each kept one brings its own separator.
    const first = node.children[0];
    const last = node.children.at(-1);
    if (first === undefined || last === undefined) return spelled();
    let out = text.slice(node.start, first.start);
    let any = false;
    for (const [index, child] of kept.entries()) {
      if (child === null) continue;
      const before = node.children[index - 1];
      if (any && before !== undefined) out += text.slice(before.node.end, (node.children[index] as Child).start);
      out += child;
      any = true;
    }
    return out + text.slice(last.node.end, node.end);
  };
  return rewritten(new Parser(text).value(), []) ?? "";
}
