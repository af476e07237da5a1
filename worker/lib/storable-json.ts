/**
 * A value as JSON text with a replacement character for what Postgres takes in no text: NUL, and halves of surrogate pairs. Clients
 * name fields and providers tell figures; neither may keep a request from being recorded. Two backslashes are one in a text.
 */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value).replace(/\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g, (sequence) =>
    sequence === "\\\\" ? sequence : "\\ufffd",
  );
