import type { CustomSeriesRenderItem } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';

import type { Palette } from '$lib/charts/palette';
import { count, day as formatDay, decimal, shortDay } from '$lib/i18n/format';
import { g } from '$lib/i18n/gates';

import type { WaveDay } from './wave';

export interface WaveView {
  days: WaveDay[];
  today: string;
  palette: Palette;
  width: number;
  font: string;
}

const margin = { left: 48, right: 72, top: 30, bottom: 26 };
const LABEL_PX = 64;
const MARK_PX = 8;

function text(of: WaveDay): string[] {
  const words = g();
  const arrived = of.arrived === null ? [] : [`${words.arrivedColumn} ${count(of.arrived)}`];
  if (of.announced === null) return arrived;
  const range =
    of.low === null || of.high === null ? '' : ` (${words.interval(count(of.low), count(of.high))})`;
  return [
    ...arrived.map((so) => words.soFar(so)),
    `${words.expectedColumn} ${decimal(of.expected, 0)}${range}`,
    `${words.announced} ${count(of.announced)}`,
  ];
}

function tooltip(of: WaveDay): HTMLElement {
  const box = document.createElement('div');
  for (const line of [formatDay(of.date), ...text(of)]) {
    const element = document.createElement('div');
    element.textContent = line;
    box.append(element);
  }
  box.firstElementChild?.setAttribute('style', 'font-weight: 600');
  return box;
}

/** Bars, ribbon, marks of the announced, the line of today: all that stands still. */
function drawn({ days, today, palette, font }: WaveView): CustomSeriesRenderItem {
  const label = (x: number, y: number, what: string, more: object = {}): object => ({
    type: 'text',
    style: { x, y, text: what, fill: palette['ink-2'], font: `11px ${font}`, ...more },
  });

  return (params, api) => {
    const { y: top, height } = params.coordSys as unknown as { y: number; height: number };
    const [band = 0] = api.size?.([1, 0]) as number[];
    const at = (index: number, value: number): [number, number] => {
      const [x = 0, y = 0] = api.coord([index, value]);
      return [x, y];
    };
    const base = at(0, 0)[1];
    const children: object[] = [];

    days.forEach(({ arrived, announced }, index) => {
      if (arrived === null || arrived === 0) return;
      const [x, y] = at(index, arrived);
      const shape = { x: x - band * 0.38, y, width: Math.max(1, band * 0.76), height: base - y };
      // Today is not over: its bar is not either.
      const opacity = announced === null ? 1 : 0.5;
      children.push({ type: 'rect', shape, style: { fill: palette.accent, opacity } });
    });

    const ahead = days.flatMap(({ low, high }, index) => (low === null || high === null ? [] : [index]));
    const edge = (of: (day: WaveDay) => number | null): [number, number][] =>
      ahead.map((index) => at(index, of(days[index]!) ?? 0));
    if (ahead.length > 0) {
      const points = [...edge((day) => day.high), ...edge((day) => day.low).reverse()];
      children.push({ type: 'polygon', shape: { points }, style: { fill: palette.accent, opacity: 0.22 } });
    }

    const marks = days.flatMap(({ announced }, index) => (announced === null ? [] : [{ announced, index }]));
    for (const { announced, index } of marks) {
      const [x, y] = at(index, announced);
      const shape = { x1: x - MARK_PX / 2, x2: x + MARK_PX / 2, y1: y, y2: y };
      children.push({ type: 'line', shape, style: { stroke: palette.ink, lineWidth: 2 } });
    }
    const last = marks.at(-1);
    if (last) {
      const [x, y] = at(last.index, last.announced);
      children.push(label(x + MARK_PX, y, g().announcedMark, { verticalAlign: 'middle' }));
    }

    const now = days.findIndex(({ date }) => date === today);
    if (now >= 0) {
      const x = at(now, 0)[0] - band / 2;
      const shape = { x1: x, x2: x, y1: top, y2: top + height };
      children.push({ type: 'line', shape, style: { stroke: palette['line-strong'], lineDash: [3, 3] } });
      children.push(label(x + 4, top - 4, g().today, { verticalAlign: 'bottom' }));
      children.push(label(x - 4, top - 4, g().arrivedBar, { verticalAlign: 'bottom', align: 'right' }));
    }
    return { type: 'group', children } as never;
  };
}

export function waveOption(view: WaveView): EChartsCoreOption {
  const { days, palette, font, width } = view;
  const label = { color: palette['ink-2'], fontSize: 12, fontFamily: font };
  const room = Math.max(1, Math.floor((width - margin.left - margin.right) / LABEL_PX));
  const step = Math.ceil(days.length / room);
  const written = (at: number): boolean => (days.length - 1 - at) % step === 0;

  return {
    animation: false,
    grid: margin,
    xAxis: {
      type: 'category',
      data: days.map(({ date }) => date),
      axisLine: { lineStyle: { color: palette['line-strong'] } },
      axisTick: { alignWithLabel: true, interval: written },
      axisLabel: {
        ...label,
        hideOverlap: true,
        interval: written,
        formatter: (date: string) => shortDay(date),
      },
      axisPointer: {
        type: 'line',
        lineStyle: { color: palette['line-strong'], type: 'solid' },
        label: { show: false },
      },
    },
    yAxis: {
      min: 0,
      minInterval: 1,
      splitNumber: 4,
      splitLine: { lineStyle: { color: palette.line } },
      axisLabel: { ...label, formatter: (value: number) => count(value) },
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
        const at = (points as { dataIndex: number }[])[0]?.dataIndex;
        const of = at === undefined ? undefined : days[at];
        return of ? tooltip(of) : '';
      },
    },
    series: [
      {
        type: 'custom',
        id: 'drawn',
        renderItem: drawn(view),
        data: [[0, 0]],
        silent: true,
        animation: false,
        z: 1,
      },
      {
        type: 'line',
        id: 'expected',
        data: days.map(({ expected }) => expected ?? '-'),
        showSymbol: false,
        silent: true,
        animation: false,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
        endLabel: {
          show: true,
          formatter: ({ value }: { value: unknown }) => g().expectedLine(decimal(Number(value), 0)),
          color: palette.ink,
          fontSize: 12,
          fontWeight: 600,
          fontFamily: font,
        },
        z: 4,
      },
      // Unseen: it stretches the axis to all that is drawn, and lets the pointer meet every day.
      {
        type: 'line',
        id: 'days',
        data: days.map((day) => Math.max(day.arrived ?? 0, day.high ?? 0, day.announced ?? 0)),
        showSymbol: false,
        silent: true,
        lineStyle: { opacity: 0 },
      },
    ],
  };
}
