import type { CustomSeriesOption, CustomSeriesRenderItemReturn } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';

import { f } from '$lib/i18n/foresight';
import { addDays, day as formatDay, decimal, shortDay } from '$lib/i18n/format';

import type { Palette } from '../palette';
import type { PackCurve } from './draw';
import { margin, PACKS_PX } from './view';

interface PacksView {
  curves: PackCurve[];
  starts: string;
  palette: Palette;
  width: number;
  font: string;
}

type Element = NonNullable<CustomSeriesRenderItemReturn>;

const LABEL_PX = 64;
const LETTER_PX = 7;
/** One line for each pack, told apart by more than its tone. */
const DASHES: number[][] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

function tone({ palette }: PacksView, at: number): string {
  return [palette.accent, palette.ink, palette['ink-2'], palette['line-strong']][at] ?? palette.ink;
}

function labelStep(days: number, width: number): number {
  const room = Math.max(1, Math.floor((width - margin.left - margin.right) / LABEL_PX));
  return [1, 2, 7, 14, 28].find((step) => days / step <= room) ?? 56;
}

/** Roughly how wide a text runs: a Chinese character is as wide as it is high. */
function textWidth(text: string): number {
  return [...text].reduce((width, letter) => width + (letter > '\u2e80' ? 12 : LETTER_PX), 0);
}

/** Ranges, medians, and above them which line is which. */
function lines(view: PacksView): CustomSeriesOption {
  const { curves, palette, font, width } = view;
  return {
    type: 'custom',
    data: [[0, 0]],
    silent: true,
    animation: false,
    clip: false,
    z: 2,
    renderItem: (_, api) => {
      const children: Element[] = [];
      curves.forEach(({ days }, at) => {
        const point = (value: (day: (typeof days)[number]) => number): number[][] =>
          days.map((day, place) => api.coord([place, value(day)]));
        const points = [...point((day) => day.q95), ...point((day) => day.q05).reverse()];
        children.push({
          type: 'polygon',
          shape: { points },
          style: { fill: tone(view, at), opacity: 0.12 },
        });
      });
      let [x, y] = [margin.left, 10];
      curves.forEach(({ label, days }, at) => {
        const style = { stroke: tone(view, at), lineWidth: 2, lineDash: DASHES[at] ?? [], fill: 'none' };
        const points = days.map((day, place) => api.coord([place, day.median]));
        children.push({ type: 'polyline', shape: { points }, style });
        const wide = 34 + textWidth(label);
        if (x > margin.left && x + wide > width) [x, y] = [margin.left, y + 15];
        children.push(
          { type: 'line', shape: { x1: x, y1: y, x2: x + 24, y2: y }, style },
          {
            type: 'text',
            style: {
              text: label,
              x: x + 29,
              y,
              fill: palette.ink,
              font: `12px ${font}`,
              verticalAlign: 'middle',
            },
          },
        );
        x += wide + 12;
      });
      return { type: 'group', children } as Element;
    },
  };
}

function tooltip(view: PacksView, at: number): HTMLElement {
  const box = document.createElement('div');
  const line = (text: string, strong = false): void => {
    const element = document.createElement(strong ? 'strong' : 'div');
    element.style.display = 'block';
    element.textContent = text;
    box.append(element);
  };
  line(formatDay(addDays(view.starts, at)), true);
  for (const { label, days } of view.curves) {
    const day = days[at];
    if (day)
      line(`${label}: ${decimal(day.median, 1)} (${f().range(decimal(day.q05, 1), decimal(day.q95, 1))})`);
  }
  return box;
}

export function packsOption(view: PacksView): EChartsCoreOption {
  const { curves, starts, palette, font, width } = view;
  const length = Math.max(0, ...curves.map(({ days }) => days.length));
  const dates = Array.from({ length }, (_, at) => addDays(starts, at));
  const step = labelStep(length, width);
  const top = Math.max(1, ...curves.flatMap(({ days }) => days.map((day) => day.q95)));
  const label = { color: palette['ink-2'], fontSize: 12, fontFamily: font };
  const written = (at: number): boolean => at % step === 0;
  return {
    animation: false,
    grid: { left: margin.left, right: margin.right, top: margin.top, height: PACKS_PX },
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
      splitNumber: 4,
      splitLine: { lineStyle: { color: palette.line } },
      axisLabel: { ...label, showMaxLabel: false },
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
      formatter: (points: unknown) => tooltip(view, (points as { dataIndex: number }[])[0]?.dataIndex ?? 0),
    },
    series: [
      lines(view),
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
