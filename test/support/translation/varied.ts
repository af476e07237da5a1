import { seeded } from "./seeded.ts";
import type { Json } from "./told/told-answer.ts";

/** One change of a request: what it does, and the request with it. */
export interface Varied {
  change: string;
  body: Record<string, unknown>;
}

/** What may stand where something else is expected. */
const OTHERS: Json[] = [
  null,
  {},
  [],
  "",
  "any text",
  7,
  -0.5,
  true,
  { type: "other", member: 1 },
  [{ type: "text", text: "t" }],
  "data:image/png;charset=utf-8;base64,AAAA",
  "https://example.com/a.pdf",
];

function* placesOf(value: Json, path: string[]): Generator<string[]> {
  if (typeof value !== "object" || value === null) return;
  yield path;
  for (const key of Object.keys(value)) yield* placesOf(value[key], [...path, key]);
}

/** Requests like one that is known, each with a member more, with another value, or with a name spelled differently. */
export function variedRequests(body: Record<string, unknown>, count: number): Varied[] {
  const random = seeded(JSON.stringify(body).length);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const places = [...placesOf(body, [])];
  return Array.from({ length: count }, () => {
    const changed = structuredClone(body);
    const path = pick(places);
    const holder: Json = path.reduce((value: Json, key) => value[key], changed);
    const key = pick(Object.keys(holder));
    const made = pick(OTHERS);
    const camel = key?.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const change = key === undefined || (random() < 0.2 && !Array.isArray(holder)) ? "more" : camel;
    if (change === "more" && !Array.isArray(holder)) holder.unheard_of = made;
    else if (key !== undefined && camel !== key && random() < 0.2) holder[camel] = structuredClone(holder[key]);
    else if (key !== undefined) holder[key] = structuredClone(made);
    return { change: `${[...path, change].join(".")}: ${JSON.stringify(made)}`, body: changed };
  });
}
