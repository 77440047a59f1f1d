import type { CustomSeriesOption, CustomSeriesRenderItem, CustomSeriesRenderItemReturn } from 'echarts';

import { t } from '$lib/i18n';
import { shortDay } from '$lib/i18n/format';

import { position, type CurveView } from './view';

type Element = NonNullable<CustomSeriesRenderItemReturn>;

interface Mark {
  at: number;
  text: string;
  dashed: boolean;
  /** How far above the upper grid its label stands, so that two labels never meet. */
  rise: number;
}

function marks({ days, turning: point }: CurveView): Mark[] {
  const day = position(days, point.date);
  const declared = position(days, point.declared_on);
  const found: Mark[] = [];
  if (day !== null) {
    const words = point.declared_on ? t().morning.turningLine : t().morning.turningMaybe;
    found.push({ at: day, text: words(shortDay(point.date)), dashed: false, rise: 28 });
  }
  if (declared !== null) {
    const text = t().morning.declaredLine(shortDay(point.declared_on));
    found.push({ at: declared, text, dashed: true, rise: 10 });
  }
  return found;
}

function across(grid: 0 | 1, z: number, renderItem: CustomSeriesRenderItem): CustomSeriesOption {
  return {
    type: 'custom',
    xAxisIndex: grid,
    yAxisIndex: grid,
    renderItem,
    data: [[0, 0]],
    clip: false,
    silent: true,
    animation: false,
    z,
  };
}

/** The interval that holds the turning point, as a band behind one of the two grids. */
export function turningBand({ days, palette, turning: point }: CurveView, grid: 0 | 1): CustomSeriesOption {
  const low = position(days, point.ci_low);
  const high = position(days, point.ci_high);
  return across(grid, 0, (params, api) => {
    if (low === null || high === null) return null;
    const { y, height } = params.coordSys as unknown as { y: number; height: number };
    const [from = 0, to = 0] = [api.coord([low, 0])[0], api.coord([high, 0])[0]];
    const shape = { x: from, y, width: Math.max(1, to - from), height };
    return { type: 'rect', shape, style: { fill: palette.ink, opacity: 0.1 } };
  });
}

/** Roughly how wide a label runs: a Chinese character is as wide as it is high, a Latin one half that. */
function labelWidth(text: string): number {
  return [...text].reduce((width, letter) => width + (letter > '\u2e80' ? 12 : 6.5), 0);
}

/** The turning point's day and the day that it was declared, as lines across one of the two grids. */
export function turningLines(view: CurveView, grid: 0 | 1): CustomSeriesOption {
  const { palette, font, width } = view;
  return across(grid, 3, (params, api) => {
    const { y, height } = params.coordSys as unknown as { y: number; height: number };
    const children = marks(view).flatMap(({ at, text, dashed, rise }): Element[] => {
      const x = api.coord([at, 0])[0] ?? 0;
      const fits = x + labelWidth(text) + 8 < width;
      const shape = { x1: x, y1: grid === 0 ? y - rise : y, x2: x, y2: y + height };
      const line = {
        stroke: palette.ink,
        lineWidth: dashed ? 1 : 1.5,
        lineDash: dashed ? [2, 3] : undefined,
      };
      const label = {
        text,
        x: fits ? x + 5 : x - 5,
        y: y - rise,
        fill: palette.ink,
        font: `${dashed ? 400 : 600} 12px ${font}`,
        align: fits ? ('left' as const) : ('right' as const),
        verticalAlign: 'middle' as const,
      };
      return [
        { type: 'line', shape, style: line },
        ...(grid === 0 ? [{ type: 'text' as const, style: label }] : []),
      ];
    });
    return { type: 'group', children } as Element;
  });
}
