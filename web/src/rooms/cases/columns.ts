import type { CaseRow } from '$lib/api/types';
import { areaName, t, word } from '$lib/i18n';
import { none, shortDay } from '$lib/i18n/format';
import { readStored, writeStored } from '$lib/state/stored';

export type SortKey = 'reported' | 'onset';

export interface Column {
  id: string;
  label: string;
  sort?: SortKey;
  num?: boolean;
  text: (row: CaseRow) => string;
}

const STORE = 'lianfang.cases.columns';
const usual = [
  'name',
  'who',
  'area',
  'classification',
  'severity',
  'onset',
  'reported',
  'outcome',
  'origin',
  'cluster',
];

const worded = (words: Record<string, string>, value: string | null | undefined): string =>
  value == null ? none : word(words, value);

/** Every column that can be chosen beside the case's number, which always stands first. */
export function allColumns(): Column[] {
  const words = t().cases;
  return [
    { id: 'name', label: words.name, text: (row) => row.name ?? none },
    { id: 'who', label: words.who, text: (row) => words.sexAge(worded(words.sex, row.sex), row.age_years) },
    { id: 'area', label: t().frame.area, text: (row) => areaName(row.area) },
    { id: 'place', label: words.place, text: (row) => row.place ?? none },
    {
      id: 'classification',
      label: words.filters.classification,
      text: (row) => word(words.classification, row.classification),
    },
    { id: 'severity', label: words.filters.severity, text: (row) => worded(words.severity, row.severity) },
    { id: 'onset', label: words.onset, sort: 'onset', text: (row) => shortDay(row.onset) },
    { id: 'sampled', label: words.sampled, text: (row) => shortDay(row.sampled) },
    { id: 'diagnosed', label: words.diagnosed, text: (row) => shortDay(row.diagnosed) },
    { id: 'reported', label: words.reported, sort: 'reported', text: (row) => shortDay(row.reported) },
    { id: 'hospitalised', label: words.hospitalised, text: (row) => shortDay(row.hospitalised) },
    { id: 'outcome', label: words.filters.outcome, text: (row) => worded(words.outcome, row.outcome) },
    { id: 'outcome_date', label: words.outcomeDate, text: (row) => shortDay(row.outcome_date) },
    { id: 'origin', label: words.filters.origin, text: (row) => worded(words.origin, row.origin) },
    { id: 'cluster', label: words.cluster, text: (row) => row.cluster ?? none },
  ];
}

export function chosenColumns(): string[] {
  return readStored(STORE, usual);
}

export function chooseColumns(ids: string[]): void {
  writeStored(STORE, ids);
}
