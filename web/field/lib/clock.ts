/** Today on this phone's calendar. */
export function today(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The hour and minute of a moment, on this phone's clock. */
export function clock(moment: string): string {
  return new Date(moment).toTimeString().slice(0, 5);
}

/** How many days a day lies ahead; below 0 where it lies back. */
export function daysUntil(day: string, from = today()): number {
  return Math.round((Date.parse(day) - Date.parse(from)) / 86_400_000);
}

/** A moment as the server reads it. */
export function moment(at: number): string {
  return new Date(at).toISOString();
}
