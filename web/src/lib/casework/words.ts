import type { CaseRow, ContactRow } from '$lib/api/types';
import { word } from '$lib/i18n';
import { c } from '$lib/i18n/casework';
import { w } from '$lib/i18n/fieldwork';

const SHORT = 6;

/** A case's number at its institution; where it has none, the end of its id. */
export function caseNumber(row: Pick<CaseRow, 'case' | 'external_id'>): string {
  return row.external_id ?? row.case.slice(-SHORT);
}

export function contactName(row: Pick<ContactRow, 'name' | 'contact'>): string {
  return row.name ?? w().unnamed;
}

export function sameWords(same: string[], comma: string): string {
  return same.map((each) => word(c().same, each)).join(comma);
}
