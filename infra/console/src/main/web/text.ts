// Times, lengths of time and names, as people read them.

export function ms(time: string | null | undefined): number {
  return time ? Date.parse(time) : 0;
}

/** Such as 350 ms, 4.2 s, 3m 20s, 5h 12m, 12d 3h. */
export function span(millis: number): string {
  if (millis < 0) millis = 0;
  if (millis < 1_000) return `${Math.round(millis)} ms`;
  const s = millis / 1_000;
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.floor(s)} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return both(m, "m", Math.floor(s % 60), "s");
  const h = Math.floor(m / 60);
  if (h < 24) return both(h, "h", m % 60, "m");
  return both(Math.floor(h / 24), "d", h % 24, "h");
}

const both = (large: number, of: string, small: number, ofSmall: string) => `${large}${of}` + (small > 0 ? ` ${small}${ofSmall}` : "");

/** Such as 4 s ago, or in 2 h. Clocks of browser and server differ a little, so a second either way is now. */
export function ago(millis: number, now: number): string {
  const past = now - millis;
  if (Math.abs(past) < 1_500) return "just now";
  return past > 0 ? coarse(past) + " ago" : "in " + coarse(-past);
}

export function coarse(millis: number): string {
  const s = Math.floor(millis / 1_000);
  if (s < 60) return `${s} s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 48) return `${h} h`;
  return `${Math.floor(h / 24)} d`;
}

/** Whether times are shown as in UTC, and not as where the browser is. */
let utc = false;
/** Making one takes far longer than using it, and there may be thousands of times on a page. */
let moments = formatOf(utc);
const NUMBERS = new Intl.NumberFormat("en");

function formatOf(utc: boolean): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", timeZone: utc ? "UTC" : undefined });
}

/** What is drawn from now on has its times so. */
export function showTimesInUtc(is: boolean) {
  if (utc !== is) moments = formatOf(is);
  utc = is;
}

/** A moment as people read it, where they are or in UTC. */
export function local(millis: number): string {
  return moments.format(millis) + (utc ? " UTC" : "");
}

/** The same text with its times as they are shown. */
export function localTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => local(Date.parse(time)));
}

export function number(value: number): string {
  return NUMBERS.format(value);
}

/** Such as 1 worker, 2 workers. */
export function some(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** TASK_COMPLETED becomes Task completed. */
export function words(name: string): string {
  const text = name.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value as a query writes it. */
export function quoted(text: string): string {
  return /^[\w.:@/+-]+$/.test(text) ? text : '"' + text.replaceAll("\\", "\\\\").replaceAll('"', '\\"') + '"';
}

/** A moment as a field for times holds it, to the second; as times are shown. */
export function localField(time: number): string {
  if (!time) return "";
  return new Date(utc ? time : time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** @returns the moment that such a field holds, NaN if it holds none */
export function fieldTime(text: string): number {
  return Date.parse(utc ? text + "Z" : text);
}
