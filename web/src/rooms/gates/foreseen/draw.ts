import { init } from '$lib/charts/engine';
import { readPalette } from '$lib/charts/palette';

import { waveOption } from './option';
import type { WaveDay } from './wave';

export interface Drawing {
  /** `width` in pixels, or as wide as the element. */
  update: (days: WaveDay[], today: string, width?: number) => void;
  dispose: () => void;
}

/** Draws into `element` and keeps to its width. */
export function drawWave(element: HTMLElement): Drawing {
  const chart = init(element, null, { renderer: 'svg' });
  let redraw = (): void => {};
  const observer = new ResizeObserver(() => redraw());
  observer.observe(element);

  return {
    update(days, today, width) {
      redraw = () => {
        chart.resize({ width: width ?? 'auto' });
        const font = getComputedStyle(element).fontFamily;
        const palette = readPalette(element);
        const option = waveOption({ days, today, palette, width: chart.getWidth(), font });
        chart.setOption(option, { notMerge: true });
      };
      redraw();
    },
    dispose() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
