import type { Child } from '$lib/api/types';
import { areaName, t } from '$lib/i18n';

import { measureName, rank, type Direction } from './measures';

export interface Column {
  id: string;
  label: string;
  num: boolean;
  /** How it sorts when first asked to. */
  first: Direction;
  key: (child: Child) => number | string | null;
}

export function columns(recentDays: number): Column[] {
  const words = t().morning;
  const number = (id: string, label: string, key: Column['key']): Column => ({
    id,
    label,
    num: true,
    first: 'descending',
    key,
  });
  const text = (id: string, label: string, first: Direction, key: Column['key']): Column => ({
    id,
    label,
    num: false,
    first,
    key,
  });
  return [
    text('area', words.areaColumn, 'ascending', (child) => areaName(child.area)),
    number('new', words.newColumn, (child) => child.new ?? null),
    number('new_recent', measureName('new_recent', recentDays), (child) => child.new_recent),
    number('confirmed', words.confirmed, (child) => child.confirmed),
    number('per_100k', words.measures.per_100k, (child) => child.per_100k ?? null),
    number('rt', words.measures.rt, (child) => child.rt?.mean ?? null),
    text('risk', words.measures.risk, 'descending', (child) => rank(child, 'risk')),
    text('turning', words.measures.turning, 'ascending', (child) => child.turning_point.date ?? null),
    text('last', words.lastReport, 'ascending', (child) => child.last_report ?? null),
  ];
}
