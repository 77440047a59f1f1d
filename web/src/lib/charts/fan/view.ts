import type { ForecastDay, ObservedDay } from '$lib/api/types';

import type { Palette } from '../palette';

/** All that a fan is drawn from. */
export interface FanView {
  /** What came, day by day; also on the days that were forecast, where it is known. */
  observed: ObservedDay[];
  /** The day of the forecast. */
  asOf: string;
  days: ForecastDay[];
  palette: Palette;
  width: number;
  font: string;
}

/** Days before the forecast that are drawn. */
export const PAST_DAYS = 28;

export const margin = { left: 44, right: 76, top: 34, bottom: 28 };
export const FAN_PX = 240;
export const FAN_HEIGHT_PX = margin.top + FAN_PX + margin.bottom;
