import type { CaseDetail } from '$lib/api/types';
import { t, word } from '$lib/i18n';
import { day } from '$lib/i18n/format';

export interface Fact {
  label: string;
  value: string;
}

/** What is known of a case, in the order in which it happened; what is not known is left out. */
export function factsOf(detail: CaseDetail): Fact[] {
  const words = t().cases;
  const worded = (
    values: Record<string, string>,
    value: string | null | undefined,
  ): string | null | undefined => (value == null ? null : word(values, value));
  const dated = (value: string | null | undefined): string | null | undefined =>
    value == null ? null : day(value);
  const rows: [string, string | null | undefined][] = [
    [words.name, detail.name],
    [
      words.who,
      detail.sex || detail.age_years != null
        ? words.sexAge(worded(words.sex, detail.sex) ?? '', detail.age_years)
        : null,
    ],
    [words.place, detail.place],
    [words.filters.origin, worded(words.origin, detail.origin)],
    [words.importedFrom, detail.imported_from],
    [words.cluster, detail.cluster],
    [words.exposed, dated(detail.exposed)],
    [words.onset, dated(detail.onset)],
    [words.sampled, dated(detail.sampled)],
    [words.diagnosed, dated(detail.diagnosed)],
    [words.reported, dated(detail.reported)],
    [words.hospitalised, dated(detail.hospitalised)],
    [words.filters.severity, worded(words.severity, detail.severity)],
    [words.filters.outcome, worded(words.outcome, detail.outcome)],
    [words.outcomeDate, dated(detail.outcome_date)],
  ];
  return rows.flatMap(([label, value]) => (value == null ? [] : [{ label, value }]));
}
