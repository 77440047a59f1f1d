import type { WhatIfSpread } from '$lib/api/types';

import { init } from '../engine';
import { readPalette } from '../palette';
import { packsOption } from './option';

/** A series of one pack. */
export interface PackCurve {
  label: string;
  days: WhatIfSpread[];
}

export interface PacksDrawing {
  /** `width` in pixels, or as wide as the element. */
  update: (curves: PackCurve[], starts: string, width?: number) => void;
  dispose: () => void;
}

/** Draws into `element` and keeps to its width. */
export function drawPacks(element: HTMLElement): PacksDrawing {
  const chart = init(element, null, { renderer: 'svg' });
  let redraw = (): void => {};

  const observer = new ResizeObserver(() => redraw());
  observer.observe(element);

  return {
    update(curves, starts, width) {
      redraw = () => {
        chart.resize({ width: width ?? 'auto' });
        const view = {
          curves,
          starts,
          palette: readPalette(element),
          width: chart.getWidth(),
          font: getComputedStyle(element).fontFamily,
        };
        chart.setOption(packsOption(view), { notMerge: true });
      };
      redraw();
    },
    dispose() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
