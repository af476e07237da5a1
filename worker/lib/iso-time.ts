/** A moment in milliseconds since the epoch as RFC 3339; null for none, and for one too far off for a date. */
export const isoTime = (at: number | null): string | null =>
  at === null || Number.isNaN(new Date(at).getTime()) ? null : new Date(at).toISOString();
