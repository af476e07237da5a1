/** Where two texts part, with what stands around it; null when they are equal. A diff of long lines would take minutes. */
export function difference(actual: string, expected: string): { actual: string; expected: string } | null {
  if (actual === expected) return null;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 120);
  return { actual: around(actual), expected: around(expected) };
}
