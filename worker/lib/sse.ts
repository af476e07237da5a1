/**
 * Server-sent events, read by the rules of the WHATWG HTML standard, section 9.2.6: lines end in LF, CR or CRLF, `data`
 * lines of one event are joined by LF, lines that begin with a colon are comments, a blank line ends the event.
 */

export interface SseEvent {
  /** The `event` field, "" when there was none. */
  event: string;
  data: string;
}

/** Incremental reader: text in whatever pieces it arrives, whole events out. Events without data are not reported. */
export class SseReader {
  #rest = "";
  #endedInCarriageReturn = false;
  #event = "";
  #data: string | null = null;

  /** Takes more text and returns the events it completed. */
  read(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    const buffer = this.#rest + this.#normalised(text);
    let from = 0;
    for (;;) {
      const newline = buffer.indexOf("\n", from);
      if (newline < 0) break;
      this.#line(buffer, from, newline, events);
      from = newline + 1;
    }
    this.#rest = from === 0 ? buffer : buffer.slice(from);
    return events;
  }

  /** True when text is left that no blank line has ended: the stream was cut inside an event. */
  get unfinished(): boolean {
    return this.#rest.trim() !== "" || this.#data !== null;
  }

  /** CR and CRLF become LF; a CR at the very end waits to see whether a LF follows. */
  #normalised(text: string): string {
    let piece = text;
    // Bytes that are half a character decode to nothing; a LF may still follow.
    if (piece === "") return piece;
    if (this.#endedInCarriageReturn) {
      this.#endedInCarriageReturn = false;
      if (piece.startsWith("\n")) piece = piece.slice(1);
    }
    if (!piece.includes("\r")) return piece;
    this.#endedInCarriageReturn = piece.endsWith("\r");
    return piece.replace(/\r\n?/g, "\n");
  }

  #line(buffer: string, start: number, end: number, events: SseEvent[]): void {
    if (start === end) {
      if (this.#data !== null) events.push({ event: this.#event, data: this.#data });
      this.#event = "";
      this.#data = null;
      return;
    }
    if (buffer.startsWith("data:", start)) {
      const from = buffer.charCodeAt(start + 5) === 32 ? start + 6 : start + 5;
      const value = buffer.slice(from, end);
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    } else if (buffer.startsWith("event:", start)) {
      this.#event = buffer.slice(buffer.charCodeAt(start + 6) === 32 ? start + 7 : start + 6, end);
    }
  }
}
