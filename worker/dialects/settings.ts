import type { CanonicalRequest, SettingName, Settings } from "../canonical/request.ts";
import { GatewayError } from "../errors.ts";
import type { Fields } from "./fields.ts";

/** Notes a setting with the path it was read from; undefined notes nothing. */
export function note<K extends SettingName>(
  request: CanonicalRequest,
  name: K,
  value: Settings[K] | undefined,
  path: string,
): void {
  if (value === undefined) return;
  request.settings[name] = value;
  request.paths[name] = path;
}

type NumberSetting = { [K in SettingName]: Settings[K] extends number | undefined ? K : never }[SettingName];

/** Reads members that are numbers in every dialect, by their names in this one. */
export function noteNumbers(
  request: CanonicalRequest,
  fields: Fields,
  names: Readonly<Record<string, NumberSetting>>,
): void {
  for (const [key, name] of Object.entries(names)) note(request, name, fields.number(key), fields.at(key));
}

/** A cap on output is a whole number above zero; providers would say so of fields of their own, or make something of it. */
export function refuseCap({ settings: { maxOutputTokens: cap }, paths }: CanonicalRequest): void {
  if (cap === undefined || (Number.isSafeInteger(cap) && cap > 0)) return;
  const param = paths.maxOutputTokens ?? "max_tokens";
  throw new GatewayError("invalid_value", `'${param}' is ${cap}; it must be a whole number above 0.`, { param });
}

/** A request with nothing in it yet. */
export const emptyRequest = (
  dialect: CanonicalRequest["dialect"],
  { model, stream }: { model: string; stream: boolean },
): CanonicalRequest => ({
  dialect,
  model,
  stream,
  messages: [],
  tools: [],
  settings: {},
  paths: {},
  source: { path: "" },
});
