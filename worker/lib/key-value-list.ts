/**
 * Reads `key=value,key=value`, in which both sides may be percent-encoded: how OpenTelemetry's variables write lists. Empty
 * members are passed over. Null where a member has no key, no `=`, or an encoding that means nothing.
 */
export function parseKeyValueList(text: string): Record<string, string> | null {
  const list = new Map<string, string>();
  for (const member of text.split(",")) {
    if (member.trim() === "") continue;
    const equals = member.indexOf("=");
    const key = decoded(member.slice(0, Math.max(0, equals)));
    const value = decoded(member.slice(equals + 1));
    if (!key || value === null) return null;
    list.set(key, value);
  }
  return Object.fromEntries(list);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return null;
  }
}
