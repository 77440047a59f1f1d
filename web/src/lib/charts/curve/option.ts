import type { EChartsCoreOption } from 'echarts/core';

import { t } from '$lib/i18n';
import { count, shortDay } from '$lib/i18n/format';

import { bars } from './bars';
import { ribbon, rtLine, rtTop } from './rt';
import { tooltip } from './tooltip';
import { turningBand, turningLines } from './turning';
import { CURVE_PX, GRID_GAP_PX, margin, RT_PX, type CurveView } from './view';

const LABEL_PX = 64;

/** Every how many days a date is written, so that dates stay apart and weeks keep their rhythm. */
function labelStep({ days, width }: CurveView): number {
  const room = Math.max(1, Math.floor((width - margin.left - margin.right) / LABEL_PX));
  return [1, 2, 7, 14, 28, 56].find((step) => days.length / step <= room) ?? 112;
}

export function curveOption(view: CurveView): EChartsCoreOption {
  const { days, palette, font } = view;
  const dates = days.map((day) => day.date);
  const step = labelStep(view);
  const label = { color: palette['ink-2'], fontSize: 12, fontFamily: font };
  const axisPointer = {
    type: 'line',
    lineStyle: { color: palette['line-strong'], type: 'solid' },
    label: { show: false },
  };
  const horizontal = { left: margin.left, right: margin.right };

  const timeAxis = (gridIndex: number, written: boolean): object => ({
    type: 'category',
    gridIndex,
    data: dates,
    axisLine: { lineStyle: { color: palette['line-strong'] } },
    axisTick: {
      show: written,
      alignWithLabel: true,
      interval: (at: number) => (dates.length - 1 - at) % step === 0,
    },
    axisLabel: {
      ...label,
      show: written,
      hideOverlap: true,
      interval: (at: number) => (dates.length - 1 - at) % step === 0,
      formatter: (date: string) => shortDay(date),
    },
    axisPointer,
  });

  return {
    animation: false,
    grid: [
      { ...horizontal, top: margin.top, height: CURVE_PX },
      { ...horizontal, top: margin.top + CURVE_PX + GRID_GAP_PX, height: RT_PX },
    ],
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    xAxis: [timeAxis(0, false), timeAxis(1, true)],
    yAxis: [
      {
        gridIndex: 0,
        min: 0,
        minInterval: 1,
        splitNumber: 4,
        splitLine: { lineStyle: { color: palette.line } },
        axisLabel: { ...label, formatter: (value: number) => count(value) },
        name: t().morning.casesAxis,
        nameGap: 10,
        nameTextStyle: { ...label, fontSize: 11, align: 'left', padding: [0, 0, 0, -margin.left + 8] },
        axisPointer: { show: false },
      },
      {
        gridIndex: 1,
        min: 0,
        max: rtTop(view),
        interval: 1,
        splitLine: { lineStyle: { color: palette.line } },
        axisLabel: { ...label, formatter: (value: number) => count(value) },
        axisPointer: { show: false },
      },
    ],
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
        const at = (points as { dataIndex: number }[]).find(({ dataIndex }) => days[dataIndex])?.dataIndex;
        const day = at === undefined ? undefined : days[at];
        return day ? tooltip(day) : '';
      },
    },
    series: [
      turningBand(view, 0),
      turningBand(view, 1),
      bars(view),
      ribbon(view),
      rtLine(view),
      turningLines(view, 0),
      turningLines(view, 1),
    ],
  };
}
