import type { Day } from '$lib/api/types';
import { t } from '$lib/i18n';
import { count, decimal, signed } from '$lib/i18n/format';

/** What there is to say of a day besides its figures. */
export function remarks(day: Day): string[] {
  const words = t().morning;
  const said: string[] = [];
  if (day.new == null) said.push(words.gap);
  if (day.spread != null) said.push(words.spread(decimal(day.spread, 1)));
  if (day.provisional) said.push(words.provisional);
  if (day.expected != null) {
    said.push(words.expected(count(day.expected), count(day.expected_low), count(day.expected_high)));
  }
  if (day.correction !== 0) said.push(words.correction(signed(day.correction)));
  return said;
}
