/** Facts that are written in a line, as numbers of tokens, and as yes or no. */
export const LINES = ["display_name", "deprecation_date"] as const;
export const NUMBERS = ["context_window", "max_output_tokens"] as const;
export const FLAGS = ["tools", "structured_output", "streaming"] as const;

type Line = (typeof LINES)[number];
type Amount = (typeof NUMBERS)[number];
type Flag = (typeof FLAGS)[number];

/** What is known of them; left out: nothing. */
type Known = { [Name in Line]?: string | null | undefined } & { [Name in Amount]?: number | null } & {
  capabilities: { [Name in Flag]?: boolean | undefined };
};

/** What a change of facts says of them: null, as shipped. */
type Changes = { [Name in Line]?: string | null } & { [Name in Amount]?: number | null } & {
  capabilities?: { [Name in Flag]?: boolean | null };
};

const FLAG_VALUES: Record<string, boolean | null> = { true: true, false: false };

/** Those facts that a form has otherwise than they are known; one that was emptied is as shipped again. */
export function changedFacts(known: Known, written: Pick<FormData, "get">): Changes {
  const text = (name: string) => String(written.get(name) ?? "").trim();
  const lines = LINES.filter((name) => text(name) !== (known[name] ?? "")).map((name) => [name, text(name) || null]);
  const numbers = NUMBERS.map((name) => [name, text(name).replace(/[\s,_]/g, "")] as const)
    .filter(([name, digits]) => digits !== String(known[name] ?? ""))
    .map(([name, digits]) => [name, digits === "" ? null : Number(digits)]);
  const flags = FLAGS.filter((name) => text(name) !== String(known.capabilities[name] ?? "")).map((name) => [
    name,
    FLAG_VALUES[text(name)] ?? null,
  ]);
  return {
    ...Object.fromEntries([...lines, ...numbers]),
    ...(flags.length > 0 ? { capabilities: Object.fromEntries(flags) } : {}),
  };
}
