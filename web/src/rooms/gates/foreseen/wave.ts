import type { DayForeseen, Foreseen } from '$lib/api/types';

/** One day of the wave: past with what came, or coming with what is expected. */
export interface WaveDay {
  date: string;
  arrived: number | null;
  announced: number | null;
  expected: number | null;
  low: number | null;
  high: number | null;
}

/** Past and coming days; between them today, which is not over: a gap where the server leaves it out. */
export function waveOf({ past, days }: Foreseen, today: string): WaveDay[] {
  const nothing = { arrived: null, announced: null, expected: null, low: null, high: null };
  const told = [...past, ...days].some(({ day }) => day === today);
  return [
    ...past.map((day) => ({ ...nothing, date: day.day, arrived: day.arrived })),
    ...(told ? [] : [{ ...nothing, date: today }]),
    ...days.map((day) => ({
      ...nothing,
      date: day.day,
      announced: day.announced,
      expected: day.expected ?? null,
      low: day.low ?? null,
      high: day.high ?? null,
    })),
  ];
}

const most = (days: DayForeseen[], of: (day: DayForeseen) => number | null | undefined): DayForeseen | null =>
  days.reduce<DayForeseen | null>(
    (best, day) => ((of(day) ?? -1) > (best === null ? -1 : (of(best) ?? -1)) ? day : best),
    null,
  );

export const busiest = (days: DayForeseen[]): DayForeseen | null => most(days, (day) => day.expected);
export const mostVehicles = (days: DayForeseen[]): DayForeseen | null =>
  most(days, (day) => day.vehicles_needed);
export const mostBeds = (days: DayForeseen[]): DayForeseen | null => most(days, (day) => day.beds_needed);

/** Beds that are missing on a day; nought where there are enough, null where nobody knows. */
export function bedsShort(day: DayForeseen): number | null {
  return day.beds_needed == null ? null : Math.max(0, Math.ceil(day.beds_needed) - day.beds);
}
