/** A spreadsheet would run what begins so; the mark in front keeps it a text (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;
const QUOTED = /[",\r\n]|^\s|\s$/;

function field(value: string | number | boolean | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A record of comma-separated values (RFC 4180), its line end included; null is an empty field. Texts that a spreadsheet
 * would take for a formula get an apostrophe in front, numbers never.
 */
export const csvRecord = (values: readonly (string | number | boolean | null)[]): string =>
  `${values.map(field).join(",")}\r\n`;
