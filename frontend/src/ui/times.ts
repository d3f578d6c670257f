/** How times are said: the reader's own language and clock, short where it is clear. Times are in ms since the epoch. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const shortWeekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const fullDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

const DAY = 86_400_000;

/** The hour and minute. */
export function clockTime(at: number): string {
  return clock.format(new Date(at));
}

/** Date and time in full, for a tooltip. */
export function fullTime(at: number): string {
  return full.format(new Date(at));
}

/** The reader's calendar day of a time, as a key to compare. */
export function dayKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** How many midnights lie between a time and now. */
function daysAgo(at: Date, now: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(at)) / DAY);
}

/** A day as a separator says it: Today, Yesterday, Tuesday, 3 March, 3 March 2024. */
export function dayName(at: number, now: Date = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days === 0) {
    return "Today";
  }
  if (days === 1) {
    return "Yesterday";
  }
  if (days > 1 && days < 7) {
    return weekday.format(date);
  }
  return date.getFullYear() === now.getFullYear() ? longDate.format(date) : fullDate.format(date);
}

/** When something was, as a list says it: 10:42, Yesterday, Tue, 3 Mar. */
export function briefTime(at: number, now: Date = new Date()): string {
  const date = new Date(at);
  const days = daysAgo(date, now);
  if (days <= 0) {
    return clock.format(date);
  }
  if (days === 1) {
    return "Yesterday";
  }
  if (days < 7) {
    return shortWeekday.format(date);
  }
  return date.getFullYear() === now.getFullYear() ? dayAndMonth.format(date) : fullDate.format(date);
}

/** When somebody was last there: "just now", "5 min ago", "today at 10:42". */
export function lastSeen(at: number, now: Date = new Date()): string {
  const minutes = Math.floor((now.getTime() - at) / 60_000);
  if (minutes < 1) {
    return "just now";
  }
  if (minutes < 60) {
    return `${minutes} min ago`;
  }
  const days = daysAgo(new Date(at), now);
  if (days === 0) {
    return `today at ${clockTime(at)}`;
  }
  if (days === 1) {
    return `yesterday at ${clockTime(at)}`;
  }
  return briefTime(at, now);
}

/** A number of bytes as people read it. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) {
    return `${bytes} bytes`;
  }
  if (bytes < 999_500) {
    return `${Math.round(bytes / 1000)} KB`;
  }
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
