/** Splits a JSON array that arrives in pieces (`[{…},\r\n{…}]`, Gemini's stream without `alt=sse`) into its objects. */
export class JsonArrayReader {
  #rest = "";
  #depth = 0;
  #start = -1;
  #at = 0;
  #inString = false;
  #escaped = false;

  /** Takes more text and returns the texts of the objects it completed. */
  read(text: string): string[] {
    const objects: string[] = [];
    const buffer = this.#rest + text;
    let i = this.#at;
    for (; i < buffer.length; i++) {
      const code = buffer.charCodeAt(i);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === 92) this.#escaped = true;
        else if (code === 34) this.#inString = false;
      } else if (code === 34) this.#inString = true;
      else if (code === 123) {
        if (this.#depth === 0) this.#start = i;
        this.#depth++;
      } else if (code === 125) {
        this.#depth--;
        if (this.#depth === 0) {
          objects.push(buffer.slice(this.#start, i + 1));
          this.#start = -1;
        }
      }
    }
    const keep = this.#start < 0 ? buffer.length : this.#start;
    this.#rest = buffer.slice(keep);
    this.#at = buffer.length - keep;
    if (this.#start >= 0) this.#start = 0;
    return objects;
  }

  /** True when an object has begun and not ended. */
  get unfinished(): boolean {
    return this.#depth > 0;
  }
}
