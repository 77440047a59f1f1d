import type { CustomSeriesOption, CustomSeriesRenderItem, LineSeriesOption } from 'echarts';

import { t } from '$lib/i18n';
import { decimal } from '$lib/i18n/format';

import { runs, type CurveView } from './view';

const TOP = 4;

/** The Rt axis ends at 4: early estimates from a handful of cases run far above and say nothing. */
export function rtTop({ days }: CurveView): number {
  const highest = Math.max(1.5, ...days.map((day) => day.rt?.q975 ?? 0));
  return Math.min(TOP, Math.ceil(highest));
}

export function ribbon(view: CurveView): CustomSeriesOption {
  const { days, palette, font } = view;
  const spans = runs(days, (day) => day.rt != null);

  const renderItem: CustomSeriesRenderItem = (params, api) => {
    const { x, width } = params.coordSys as unknown as { x: number; width: number };
    const at = (index: number, value: number): number[] => api.coord([index, Math.min(value, rtTop(view))]);
    const one = at(0, 1)[1] ?? 0;
    const polygons = spans.map(([first, last]) => {
      const indexes = Array.from({ length: last - first + 1 }, (_, step) => first + step);
      const upper = indexes.map((index) => at(index, days[index]?.rt?.q975 ?? 0));
      const lower = indexes.map((index) => at(index, days[index]?.rt?.q025 ?? 0)).reverse();
      return {
        type: 'polygon' as const,
        shape: { points: [...upper, ...lower] },
        style: { fill: palette.accent, opacity: 0.22 },
      };
    });
    return {
      type: 'group',
      children: [
        ...polygons,
        {
          type: 'line',
          shape: { x1: x, y1: one, x2: x + width, y2: one },
          style: { stroke: palette['ink-2'], lineWidth: 1 },
        },
        {
          type: 'text',
          style: {
            text: t().morning.rtAxis,
            x,
            y: (params.coordSys as unknown as { y: number }).y - 8,
            fill: palette['ink-2'],
            font: `11px ${font}`,
            verticalAlign: 'middle',
          },
        },
      ],
    };
  };

  return {
    type: 'custom',
    id: 'ribbon',
    xAxisIndex: 1,
    yAxisIndex: 1,
    renderItem,
    data: [[0, 1]],
    silent: true,
    animation: false,
    z: 1,
  };
}

export function rtLine(view: CurveView): LineSeriesOption {
  const { days, palette, font } = view;
  return {
    type: 'line',
    id: 'rt',
    xAxisIndex: 1,
    yAxisIndex: 1,
    data: days.map((day) => day.rt?.mean ?? '-'),
    showSymbol: false,
    silent: true,
    animation: false,
    lineStyle: { color: palette.accent, width: 2 },
    itemStyle: { color: palette.accent },
    endLabel: {
      show: true,
      formatter: ({ value }) => t().morning.rtLast(decimal(Number(value))),
      color: palette.ink,
      fontSize: 12,
      fontWeight: 600,
      fontFamily: font,
    },
    z: 4,
  };
}
