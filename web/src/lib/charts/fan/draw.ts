import type { ForecastDay, ObservedDay } from '$lib/api/types';

import { init } from '../engine';
import { readPalette } from '../palette';
import { fanOption } from './option';

export interface FanDrawing {
  /** `width` in pixels, or as wide as the element. */
  update: (observed: ObservedDay[], asOf: string, days: ForecastDay[], width?: number) => void;
  dispose: () => void;
}

/** Draws into `element` and keeps to its width. */
export function drawFan(element: HTMLElement): FanDrawing {
  const chart = init(element, null, { renderer: 'svg' });
  let redraw = (): void => {};

  const observer = new ResizeObserver(() => redraw());
  observer.observe(element);

  return {
    update(observed, asOf, days, width) {
      redraw = () => {
        chart.resize({ width: width ?? 'auto' });
        const view = {
          observed,
          asOf,
          days,
          palette: readPalette(element),
          width: chart.getWidth(),
          font: getComputedStyle(element).fontFamily,
        };
        chart.setOption(fanOption(view), { notMerge: true });
      };
      redraw();
    },
    dispose() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
