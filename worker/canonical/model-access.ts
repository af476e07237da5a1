/** Which models an organization allows itself and those below. What one above does not allow nobody below can. */
export interface ModelAccess {
  /** What holds for a model that neither list names. */
  mode: "all" | "listed";
  /** `provider/model` or `provider/*`. The model itself counts before its provider, and of two alike `disabled`. */
  enabled: string[];
  disabled: string[];
}

/** What one organization of a path says. */
export interface AccessRule {
  organizationId: string;
  name: string;
  access: ModelAccess;
}

/** OpenRouter's variants of a model (`:free`, `:nitro`) are that model to a list that does not name them. */
function spellings(model: string): string[] {
  const base = model.startsWith("openrouter/") ? model.replace(/:[^:/]+$/, "") : model;
  return base === model ? [model] : [model, base];
}

/** What the lists say of one name of theirs; null: nothing. */
function named({ enabled, disabled }: ModelAccess, name: string): boolean | null {
  if (disabled.includes(name)) return false;
  return enabled.includes(name) ? true : null;
}

/** Whether one organization's own rule allows a model (`provider/model`). */
export function allowsModel(access: ModelAccess, model: string): boolean {
  const provider = `${model.slice(0, model.indexOf("/"))}/*`;
  for (const name of [...spellings(model), provider]) {
    const said = named(access, name);
    if (said !== null) return said;
  }
  return access.mode === "all";
}

/** The rule of a path that does not allow a model, the highest first: nobody below it can. Null: all do. */
export const ruleAgainst = (rules: readonly AccessRule[], model: string): AccessRule | null =>
  rules.findLast(({ access }) => !allowsModel(access, model)) ?? null;
