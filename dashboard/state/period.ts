const MS = { h: 3_600_000, d: 86_400_000 };

/** From and until in milliseconds since the epoch, of `-30d` or two moments. */
export function periodOf(from: string, to: string, now: number): { from: number; to: number } {
  const end = to ? Date.parse(to) : now;
  const before = /^-(\d+)([hd])$/.exec(from);
  return { from: before ? end - Number(before[1]) * MS[before[2] as keyof typeof MS] : Date.parse(from), to: end };
}
