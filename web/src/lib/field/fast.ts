import type { EntryNumbers } from '$lib/api/types';
import { t } from '$lib/i18n';
import { count, decimal } from '$lib/i18n/format';

type SourceNumber = EntryNumbers['sources'][number];

/** How many a source knew before they came, and how soon the others. */
export function howFast(source: SourceNumber): string {
  const words = t().morning.field;
  if (source.people === 0) return words.nobody;
  const hours = source.median_hours == null ? null : decimal(source.median_hours, 1);
  const later = hours === null ? null : hours === decimal(0, 1) ? words.medianNone : words.median(hours);
  const before = source.before_arrival > 0 ? words.before(count(source.before_arrival)) : null;
  return [before, later].filter((part) => part !== null).join(t().common.comma);
}
