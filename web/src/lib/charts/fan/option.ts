import type { CustomSeriesOption, CustomSeriesRenderItem, CustomSeriesRenderItemReturn } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';

import type { ForecastDay } from '$lib/api/types';
import { f } from '$lib/i18n/foresight';
import { count, day as formatDay, decimal, shortDay } from '$lib/i18n/format';

import { FAN_PX, margin, type FanView } from './view';

type Element = NonNullable<CustomSeriesRenderItemReturn>;

const LABEL_PX = 64;
const LINE_PX = 14;

function labelStep(days: number, width: number): number {
  const room = Math.max(1, Math.floor((width - margin.left - margin.right) / LABEL_PX));
  return [1, 2, 7, 14, 28].find((step) => days / step <= room) ?? 56;
}

function drawing(id: string, z: number, renderItem: CustomSeriesRenderItem): CustomSeriesOption {
  return { type: 'custom', id, renderItem, data: [[0, 0]], silent: true, animation: false, clip: false, z };
}

/** Keeps labels, given from top to bottom, a line apart. */
function apart(places: number[]): number[] {
  const out: number[] = [];
  for (const place of places) out.push(Math.max(place, (out.at(-1) ?? -Infinity) + LINE_PX));
  return out;
}

function fan(view: FanView, dates: string[]): CustomSeriesOption {
  const { days, palette, font } = view;
  const at = (day: ForecastDay): number => dates.indexOf(day.date);
  return drawing('fan', 1, (_, api) => {
    const point = (day: ForecastDay, value: number): number[] => api.coord([at(day), value]);
    const ribbon = (
      low: (day: ForecastDay) => number,
      high: (day: ForecastDay) => number,
      opacity: number,
    ): Element => ({
      type: 'polygon',
      shape: {
        points: [
          ...days.map((day) => point(day, high(day))),
          ...days.map((day) => point(day, low(day))).reverse(),
        ],
      },
      style: { fill: palette.accent, opacity },
    });
    const last = days.at(-1);
    if (!last) return null;
    const words = [
      { text: f().interval90, value: last.high_90 },
      { text: f().interval50, value: last.high_50 },
      { text: f().median, value: last.median },
    ];
    const places = apart(words.map(({ value }) => point(last, value)[1] ?? 0));
    const x = (point(last, 0)[0] ?? 0) + 6;
    return {
      type: 'group',
      children: [
        ribbon(
          (day) => day.low_90,
          (day) => day.high_90,
          0.16,
        ),
        ribbon(
          (day) => day.low_50,
          (day) => day.high_50,
          0.28,
        ),
        {
          type: 'polyline',
          shape: { points: days.map((day) => point(day, day.median)) },
          style: { stroke: palette.accent, lineWidth: 2, fill: 'none' },
        },
        ...words.map(({ text }, place) => ({
          type: 'text' as const,
          style: {
            text,
            x,
            y: places[place] ?? 0,
            fill: palette['ink-2'],
            font: `11px ${font}`,
            verticalAlign: 'middle' as const,
          },
        })),
      ],
    } as Element;
  });
}

/** What came: bars up to the day of the forecast, rings over what was forecast. */
function came(view: FanView, dates: string[]): CustomSeriesOption {
  const { observed, asOf, palette } = view;
  return drawing('came', 2, (params, api) => {
    const [band = 0] = api.size?.([1, 0]) as number[];
    const { y: top, height } = params.coordSys as unknown as { y: number; height: number };
    const width = Math.max(1, band * 0.72);
    const base = api.coord([0, 0])[1] ?? 0;
    const children = observed.flatMap((day): Element[] => {
      const place = dates.indexOf(day.date);
      if (place < 0) return [];
      const [x = 0, y = 0] = api.coord([place, day.new ?? 0]);
      if (day.new == null) {
        const shape = { x: x - band / 2, y: top, width: band, height };
        return [{ type: 'rect', shape, style: { fill: palette.sunken } }];
      }
      if (day.date <= asOf) {
        const shape = { x: x - width / 2, y, width, height: base - y };
        return [{ type: 'rect', shape, style: { fill: palette['line-strong'] } }];
      }
      const style = { fill: palette.surface, stroke: palette.ink, lineWidth: 1.5 };
      return [{ type: 'circle', shape: { cx: x, cy: y, r: 3.5 }, style }];
    });
    return { type: 'group', children } as Element;
  });
}

/** The line between what was known and what was not. */
function border(view: FanView, dates: string[]): CustomSeriesOption {
  const { asOf, palette, font } = view;
  return drawing('border', 3, (params, api) => {
    const place = dates.indexOf(asOf);
    if (place < 0) return null;
    const { y, height } = params.coordSys as unknown as { y: number; height: number };
    const [band = 0] = api.size?.([1, 0]) as number[];
    const x = (api.coord([place, 0])[0] ?? 0) + band / 2;
    return {
      type: 'group',
      children: [
        {
          type: 'line',
          shape: { x1: x, y1: y - 12, x2: x, y2: y + height },
          style: { stroke: palette.ink, lineWidth: 1, lineDash: [2, 3] },
        },
        {
          type: 'text',
          style: {
            text: f().madeOf(shortDay(asOf)),
            x: x - 5,
            y: y - 8,
            fill: palette.ink,
            font: `600 12px ${font}`,
            align: 'right',
            verticalAlign: 'middle',
          },
        },
      ],
    } as Element;
  });
}

function tooltip(view: FanView, date: string): HTMLElement {
  const box = document.createElement('div');
  const line = (text: string, strong = false): void => {
    const element = document.createElement(strong ? 'strong' : 'div');
    element.style.display = 'block';
    element.textContent = text;
    box.append(element);
  };
  line(formatDay(date), true);
  const observed = view.observed.find((day) => day.date === date);
  const day = view.days.find((each) => each.date === date);
  if (observed) line(observed.new == null ? f().noReport : `${f().came} ${count(observed.new)}`);
  if (day) {
    line(`${f().median} ${decimal(day.median, 1)}`);
    line(`${f().interval50} ${f().range(decimal(day.low_50, 1), decimal(day.high_50, 1))}`);
    line(`${f().interval90} ${f().range(decimal(day.low_90, 1), decimal(day.high_90, 1))}`);
  }
  return box;
}

export function fanOption(view: FanView): EChartsCoreOption {
  const { days, palette, font, width } = view;
  const dates = [
    ...new Set([...view.observed.map((day) => day.date), ...days.map((day) => day.date)]),
  ].sort();
  const step = labelStep(dates.length, width);
  const top = Math.max(1, ...days.map((day) => day.high_90), ...view.observed.map((day) => day.new ?? 0));
  const label = { color: palette['ink-2'], fontSize: 12, fontFamily: font };
  const written = (at: number): boolean => (dates.length - 1 - at) % step === 0;
  return {
    animation: false,
    grid: { left: margin.left, right: margin.right, top: margin.top, height: FAN_PX },
    xAxis: {
      type: 'category',
      data: dates,
      axisLine: { lineStyle: { color: palette['line-strong'] } },
      axisTick: { alignWithLabel: true, interval: written },
      axisLabel: {
        ...label,
        hideOverlap: true,
        interval: written,
        formatter: (date: string) => shortDay(date),
      },
      axisPointer: {
        show: true,
        type: 'line',
        lineStyle: { color: palette['line-strong'], type: 'solid' },
        label: { show: false },
      },
    },
    yAxis: {
      min: 0,
      max: Math.ceil(top * 1.05),
      minInterval: 1,
      splitNumber: 4,
      splitLine: { lineStyle: { color: palette.line } },
      axisLabel: { ...label, showMaxLabel: false, formatter: (value: number) => count(value) },
      axisPointer: { show: false },
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: palette.surface,
      borderColor: palette['line-strong'],
      borderWidth: 1,
      padding: [6, 10],
      textStyle: { color: palette.ink, fontSize: 12, fontFamily: font },
      formatter: (points: unknown) => {
        const date = dates[(points as { dataIndex: number }[])[0]?.dataIndex ?? -1];
        return date ? tooltip(view, date) : '';
      },
    },
    series: [
      fan(view, dates),
      came(view, dates),
      border(view, dates),
      // What the tooltip follows: nothing of it is drawn.
      {
        type: 'line',
        data: dates.map(() => 0),
        showSymbol: false,
        silent: true,
        lineStyle: { opacity: 0 },
        animation: false,
      },
    ],
  };
}
