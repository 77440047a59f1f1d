import type { Brief, Day } from '$lib/api/types';

import { init } from '../engine';
import { readPalette } from '../palette';
import { curveOption } from './option';

export interface Drawing {
  /** `width` in pixels, or as wide as the element. */
  update: (days: Day[], turning: Brief['turning_point'], width?: number) => void;
  dispose: () => void;
}

/** Draws into `element` and keeps to its width. */
export function drawCurve(element: HTMLElement): Drawing {
  const chart = init(element, null, { renderer: 'svg' });
  let redraw = (): void => {};

  const observer = new ResizeObserver(() => redraw());
  observer.observe(element);

  return {
    update(days, turning, width) {
      redraw = () => {
        chart.resize({ width: width ?? 'auto' });
        const view = {
          days,
          turning,
          palette: readPalette(element),
          width: chart.getWidth(),
          font: getComputedStyle(element).fontFamily,
        };
        chart.setOption(curveOption(view), { notMerge: true });
      };
      redraw();
    },
    dispose() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
