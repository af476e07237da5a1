const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const exact = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
});
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `14:02:10`, in the reader's time zone. */
export const timeOfDay = (iso: string): string => clock.format(new Date(iso));

/** Everything there is to say about a moment, for a title: `24 Nov 2026, 14:02:10.951 Europe/Berlin`. */
export function exactTime(iso: string): string {
  const date = new Date(iso);
  return `${exact.format(date)}.${String(date.getMilliseconds()).padStart(3, "0")} ${zone}`;
}

/** `now`, `12 s ago`, `4 min ago`, `3 h ago`, then the day. A clock that runs behind the gateway's reads `now`. */
export function timeAgo(iso: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return day.format(new Date(iso));
}
