import type { InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

export type Organization = InferResponseType<(typeof api.organizations)[":id"]["$get"]>;

/** Settings that are a whole number, or inherited. */
export const NUMBERS = ["default_output_tokens", "max_output_tokens", "least_output_tokens", "wait_seconds"] as const;

/** An organization's settings as they are being written. */
export interface SettingsDraft {
  name: string;
  timeZone: string;
  /** As written; empty: inherited. */
  numbers: Record<(typeof NUMBERS)[number], string>;
  lowerCaps: "inherit" | "yes" | "no";
  ledgerDown: "inherit" | "block" | "allow";
  /** Dollars, where something may be spent meanwhile. */
  allowanceUsd: string;
  allowanceSeconds: string;
}

/** What an organization has set. */
export function draftOfSettings({ name, time_zone, settings }: Organization): SettingsDraft {
  const down = settings.on_ledger_down;
  return {
    name,
    timeZone: time_zone,
    numbers: Object.fromEntries(
      NUMBERS.map((field) => [field, settings[field] === null ? "" : String(settings[field])]),
    ) as SettingsDraft["numbers"],
    lowerCaps: settings.lower_caps === null ? "inherit" : settings.lower_caps ? "yes" : "no",
    ledgerDown: down === null ? "inherit" : down === "block" ? "block" : "allow",
    allowanceUsd: down !== null && down !== "block" ? down.cost_usd : "",
    allowanceSeconds: down !== null && down !== "block" ? String(down.seconds) : "",
  };
}

const number = (text: string): number | null => (text.trim() === "" ? null : Number(text.replace(/[\s,_]/g, "")));

function bodyOf(draft: SettingsDraft) {
  return {
    name: draft.name.trim(),
    time_zone: draft.timeZone.trim(),
    ...(Object.fromEntries(NUMBERS.map((field) => [field, number(draft.numbers[field])])) as Record<
      (typeof NUMBERS)[number],
      number | null
    >),
    lower_caps: draft.lowerCaps === "inherit" ? null : draft.lowerCaps === "yes",
    on_ledger_down: {
      inherit: null,
      block: "block" as const,
      allow: { cost_usd: draft.allowanceUsd.trim(), seconds: number(draft.allowanceSeconds) ?? 0 },
    }[draft.ledgerDown],
  };
}

/** Only what was written anew, by the API's names, without their nesting. */
export function changedSettings(before: SettingsDraft, after: SettingsDraft): Partial<ReturnType<typeof bodyOf>> {
  const [old, now] = [bodyOf(before), bodyOf(after)];
  return Object.fromEntries(
    Object.entries(now).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof typeof old]),
    ),
  );
}

/** The same as the API takes it. */
export function patchOfSettings({ name, time_zone, ...settings }: Partial<ReturnType<typeof bodyOf>>) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(time_zone === undefined ? {} : { time_zone }),
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
  };
}
