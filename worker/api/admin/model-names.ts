import type { ModelFacts } from "../../catalog/model-facts.ts";
import type { FactsPatch } from "../../organizations/models.ts";

/** The names of the management API for the catalogue's, which are in camel case. */

export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const renamed = (record: object, rename: (name: string) => string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [rename(name), value]),
  );

/** A body's facts as they are stored. */
export function factsOfBody({ capabilities, ...traits }: { capabilities?: object | null | undefined }): FactsPatch {
  const flags = capabilities ? renamed(capabilities, camelCase) : capabilities;
  return { ...renamed(traits, camelCase), ...(flags === undefined ? {} : { capabilities: flags }) } as FactsPatch;
}

/** Capability flags as the API shows them; what is not known is left out. */
export const capabilitiesBody = (flags: NonNullable<ModelFacts["capabilities"]>) => renamed(flags, snakeCase);
