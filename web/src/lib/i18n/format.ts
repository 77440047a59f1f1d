import { prefs } from '$lib/state/prefs.svelte';

const locales = { en: 'en-GB', zh: 'zh-CN' } as const;
const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = prefs.lang + JSON.stringify(options);
  let format = numberFormats.get(key);
  if (!format) numberFormats.set(key, (format = new Intl.NumberFormat(locales[prefs.lang], options)));
  return format;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = prefs.lang + JSON.stringify(options);
  let format = dateFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locales[prefs.lang], { ...options, timeZone: 'UTC' });
    dateFormats.set(key, format);
  }
  return format;
}

const utc = (day: string): Date => new Date(`${day.slice(0, 10)}T00:00:00Z`);

export const none = '–';

export function count(value: number | null | undefined): string {
  return value == null ? none : numbers({ maximumFractionDigits: 0 }).format(value);
}

export function decimal(value: number | null | undefined, digits = 2): string {
  if (value == null) return none;
  return numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** With as many decimals as it has, up to four: a number of the policy as it was written. */
export function plain(value: number): string {
  return numbers({ maximumFractionDigits: 4 }).format(value);
}

export function percent(value: number | null | undefined, digits = 0): string {
  return value == null ? none : numbers({ style: 'percent', maximumFractionDigits: digits }).format(value);
}

const SURE = 0.99;

/** A probability in percent that never claims to be certain. */
export function certainty(value: number): string {
  return value > SURE ? `>${percent(SURE)}` : percent(value);
}

/** With its sign, and a true minus. */
export function signed(value: number): string {
  return numbers({ signDisplay: 'exceptZero' }).format(value).replace('-', '−');
}

/** "9 Feb 2020", "2020年2月9日". */
export function day(value: string | null | undefined): string {
  return value == null ? none : dates({ day: 'numeric', month: 'short', year: 'numeric' }).format(utc(value));
}

/** "9 Feb", "2月9日". */
export function shortDay(value: string | null | undefined): string {
  return value == null ? none : dates({ day: 'numeric', month: 'short' }).format(utc(value));
}

/** "Sunday 9 February 2020", "2020年2月9日星期日". */
export function longDay(value: string): string {
  return dates({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(utc(value));
}

/** The wall clock of the place where it was recorded: the offset that the server wrote is kept. */
export function moment(value: string | null | undefined): string {
  return value == null ? none : `${day(value)} ${value.slice(11, 16)}`;
}

export function shortMoment(value: string | null | undefined): string {
  return value == null ? none : `${shortDay(value)} ${value.slice(11, 16)}`;
}

export function addDays(value: string, days: number): string {
  const date = utc(value);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((utc(to).getTime() - utc(from).getTime()) / 86_400_000);
}

export function bytes(value: number): string {
  return value < 1_000_000
    ? numbers({ style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }).format(Math.max(1, value / 1000))
    : numbers({ style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(value / 1_000_000);
}
