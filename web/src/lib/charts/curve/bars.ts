import type { CustomSeriesOption, CustomSeriesRenderItem, CustomSeriesRenderItemReturn } from 'echarts';

import type { Day } from '$lib/api/types';
import { t } from '$lib/i18n';
import { signed } from '$lib/i18n/format';

import { runs, type CurveView } from './view';

type Element = NonNullable<CustomSeriesRenderItemReturn>;
type Box = { x: number; y: number; width: number; height: number };

const HATCH_PX = 5;
const GAP_LABEL_PX = 56;
const CORRECTION_PX = 26;
const REACH = 1.3;

/** What a day's bar stands for: its report, or inside a gap its share of what the gap brought. */
export function barHeight(day: Day): number {
  return day.spread ?? day.new ?? 0;
}

function hatch(box: Box, stroke: string): Element {
  const { x, y, width, height } = box;
  const lines = Math.ceil((width + height) / HATCH_PX);
  return {
    type: 'group',
    clipPath: { type: 'rect', shape: box },
    children: Array.from({ length: lines }, (_, at) => ({
      type: 'line',
      silent: true,
      shape: { x1: x, y1: y + at * HATCH_PX, x2: x + width, y2: y + at * HATCH_PX - width },
      style: { stroke, lineWidth: 1.2 },
    })),
  };
}

function bar(day: Day, box: Box, { palette }: CurveView): Element[] {
  if (day.spread != null) {
    const style = { fill: palette['accent-soft'], stroke: palette.accent, lineDash: [3, 2], lineWidth: 1 };
    return [{ type: 'rect', shape: box, style }];
  }
  if (!day.provisional) return [{ type: 'rect', shape: box, style: { fill: palette.accent } }];
  const outline = { fill: palette.surface, stroke: palette.accent, lineWidth: 1 };
  return [{ type: 'rect', shape: box, style: outline }, hatch(box, palette.accent)];
}

interface Whisker {
  x: number;
  low: number;
  mean: number;
  high: number;
  /** Whether it runs on beyond the axis: then it ends in a point instead of a bar. */
  cut: boolean;
}

function whisker({ x, low, mean, high, cut }: Whisker, stroke: string): Element[] {
  const style = { stroke, lineWidth: 1.2 };
  const end: Element = cut
    ? {
        type: 'polygon',
        shape: {
          points: [
            [x - 4, high + 7],
            [x + 4, high + 7],
            [x, high],
          ],
        },
        style: { fill: stroke },
      }
    : { type: 'line', shape: { x1: x - 3, y1: high, x2: x + 3, y2: high }, style };
  return [
    { type: 'line', shape: { x1: x, y1: low, x2: x, y2: high }, style },
    { type: 'line', shape: { x1: x - 3, y1: low, x2: x + 3, y2: low }, style },
    end,
    { type: 'circle', shape: { cx: x, cy: mean, r: 2.5 }, style: { fill: stroke } },
  ];
}

function correction(day: Day, x: number, y: number, { palette, font }: CurveView): Element[] {
  const fill = palette['ink-2'];
  return [
    {
      type: 'polygon',
      shape: {
        points: [
          [x - 4, y - 11],
          [x + 4, y - 11],
          [x, y - 4],
        ],
      },
      style: { fill },
    },
    {
      type: 'text',
      style: {
        x,
        y: y - 13,
        text: signed(day.correction),
        fill,
        font: `11px ${font}`,
        align: 'center',
        verticalAlign: 'bottom',
      },
    },
  ];
}

export function bars(view: CurveView): CustomSeriesOption {
  const { days, palette, font } = view;
  const tallest = Math.max(1, ...days.map((day) => Math.max(barHeight(day), day.expected ?? 0)));

  /** How high a day reaches: the newest day's interval may run to ten times all others and must not flatten them. */
  const reach = (day: Day): number => Math.min(day.expected_high ?? barHeight(day), tallest * REACH);

  const lastProvisional = runs(days, (day) => day.provisional).at(-1);
  const longestGap = runs(days, (day) => day.new == null).sort(([a, b], [c, d]) => d - c - (b - a))[0];

  const label = (text: string, x: number, y: number, more: object): Element => ({
    type: 'text',
    silent: true,
    style: { text, x, y, fill: palette['ink-2'], font: `11px ${font}`, ...more },
  });

  // Written across the gap where there is room, else up along it.
  const gapLabel = (centre: number, top: number, wide: number): Element =>
    wide >= GAP_LABEL_PX
      ? label(t().morning.gap, centre, top + 12, { align: 'center', verticalAlign: 'middle' })
      : {
          ...label(t().morning.gap, 0, 0, { align: 'right', verticalAlign: 'middle' }),
          x: centre,
          y: top + 6,
          rotation: Math.PI / 2,
        };

  const renderItem: CustomSeriesRenderItem = (params, api) => {
    const at = params.dataIndex;
    const day = days[at];
    const { y: top, height } = params.coordSys as unknown as Box;
    const [band = 0] = api.size?.([1, 0]) as number[];
    const point = (value: number): number => api.coord([at, value])[1] ?? 0;
    const middle = api.coord([at, 0])[0] ?? 0;
    if (!day) return null;

    const width = Math.max(1, band * 0.76);
    const value = barHeight(day);
    const base = point(0);
    const box = { x: middle - width / 2, y: point(value), width, height: base - point(value) };
    const children: Element[] = [];

    if (day.new == null) {
      const stripe = { x: middle - band / 2, y: top, width: band, height };
      children.push({ type: 'rect', silent: true, shape: stripe, style: { fill: palette.sunken } });
    }
    if (value > 0) children.push(...bar(day, box, view));
    if (day.expected != null && day.expected_low != null && day.expected_high != null) {
      const [low, mean, high] = [day.expected_low, day.expected, reach(day)].map(point) as [
        number,
        number,
        number,
      ];
      children.push(
        ...whisker({ x: middle, low, mean, high, cut: reach(day) < day.expected_high }, palette.ink),
      );
    }
    if (day.correction !== 0)
      children.push(...correction(day, middle, point(Math.max(reach(day), value)), view));
    if (longestGap?.[1] === at) {
      const wide = (at - longestGap[0] + 1) * band;
      children.push(gapLabel(middle + band / 2 - wide / 2, top, wide));
    }
    if (lastProvisional?.[1] === at) {
      const run = days.slice(lastProvisional[0]);
      const highest = Math.max(...run.map((each) => Math.max(reach(each), barHeight(each))));
      const clear = run.some((each) => each.correction !== 0) ? CORRECTION_PX : 0;
      const above = { align: 'right', verticalAlign: 'bottom' };
      children.push(label(t().morning.provisional, middle + band / 2, point(highest) - 5 - clear, above));
    }
    return { type: 'group', children } as Element;
  };

  return {
    type: 'custom',
    id: 'bars',
    xAxisIndex: 0,
    yAxisIndex: 0,
    renderItem,
    encode: { x: 0, y: [1, 2] },
    data: days.map((day, at) => [at, barHeight(day), reach(day)]),
    silent: true,
    animation: false,
  };
}
