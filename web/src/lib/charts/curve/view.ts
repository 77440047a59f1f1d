import type { Brief, Day } from '$lib/api/types';

import type { Palette } from '../palette';

/** All that the curve is drawn from. */
export interface CurveView {
  days: Day[];
  turning: Brief['turning_point'];
  palette: Palette;
  width: number;
  font: string;
}

export const margin = { left: 44, right: 64, top: 42, bottom: 28 };
export const CURVE_PX = 196;
export const RT_PX = 92;
export const GRID_GAP_PX = 30;
export const CURVE_HEIGHT_PX = margin.top + CURVE_PX + GRID_GAP_PX + RT_PX + margin.bottom;

/** Where a date stands on the axis, or null when the days shown do not hold it. */
export function position(days: Day[], date: string | null | undefined): number | null {
  const at = date == null ? -1 : days.findIndex((day) => day.date === date);
  return at < 0 ? null : at;
}

/** Runs of neighbouring days for which `holds`, as [first, last]. */
export function runs(days: Day[], holds: (day: Day) => boolean): [number, number][] {
  const found: [number, number][] = [];
  days.forEach((day, at) => {
    const last = found.at(-1);
    if (!holds(day)) return;
    if (last && last[1] === at - 1) last[1] = at;
    else found.push([at, at]);
  });
  return found;
}
