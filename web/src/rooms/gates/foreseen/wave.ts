import type { DayForeseen, Foreseen } from '$lib/api/types';

/** One day of the wave: past with what came, coming with what is expected, today with both. */
export interface WaveDay {
  date: string;
  arrived: number | null;
  announced: number | null;
  expected: number | null;
  low: number | null;
  high: number | null;
}

const ahead = (day: DayForeseen): WaveDay => ({
  date: day.day,
  arrived: null,
  announced: day.announced,
  expected: day.expected ?? null,
  low: day.low ?? null,
  high: day.high ?? null,
});

/** Past and coming days; between them today, which is not over. */
export function waveOf({ past, today, days }: Foreseen): WaveDay[] {
  const nothing = { announced: null, expected: null, low: null, high: null };
  return [
    ...past.map((day) => ({ ...nothing, date: day.day, arrived: day.arrived })),
    { ...ahead(today), arrived: today.arrived },
    ...days.map(ahead),
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
