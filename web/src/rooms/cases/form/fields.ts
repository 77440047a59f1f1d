import type { CaseDetails, Symptom } from '$lib/api/types';
import { t, word } from '$lib/i18n';
import { c } from '$lib/i18n/casework';
import { w } from '$lib/i18n/fieldwork';
import { momentOf, wallOf } from '$lib/state/clock';

export type FieldKind = 'text' | 'day' | 'moment' | 'number' | 'words' | 'yes' | 'symptoms';
export type FieldName = Exclude<keyof CaseDetails, 'person'>;

export interface FieldSpec {
  name: FieldName;
  kind: FieldKind;
  group: Group;
  /** Characters at most. */
  most?: number;
}

export const groups = ['state', 'course', 'care', 'source', 'person', 'outcome'] as const;
export type Group = (typeof groups)[number];

/** What a form about a case asks for, in the order in which it is asked. */
export const fields: FieldSpec[] = [
  { name: 'classification', kind: 'words', group: 'state' },
  { name: 'severity', kind: 'words', group: 'state' },
  { name: 'onset', kind: 'day', group: 'course' },
  { name: 'onset_approximate', kind: 'yes', group: 'course' },
  { name: 'symptoms', kind: 'symptoms', group: 'course' },
  { name: 'exposed', kind: 'day', group: 'course' },
  { name: 'sampled', kind: 'day', group: 'course' },
  { name: 'diagnosed', kind: 'day', group: 'course' },
  { name: 'diagnosed_at', kind: 'moment', group: 'course' },
  { name: 'reported', kind: 'day', group: 'course' },
  { name: 'isolated', kind: 'day', group: 'care' },
  { name: 'isolation_place', kind: 'text', group: 'care', most: 100 },
  { name: 'isolation_ended', kind: 'day', group: 'care' },
  { name: 'hospital', kind: 'text', group: 'care', most: 100 },
  { name: 'hospitalised', kind: 'day', group: 'care' },
  { name: 'discharged', kind: 'day', group: 'care' },
  { name: 'transfer_refused', kind: 'yes', group: 'care' },
  { name: 'origin', kind: 'words', group: 'source' },
  { name: 'imported_from', kind: 'text', group: 'source', most: 100 },
  { name: 'cluster', kind: 'text', group: 'source', most: 100 },
  { name: 'was_contact', kind: 'yes', group: 'source' },
  { name: 'reported_by', kind: 'text', group: 'source', most: 100 },
  { name: 'external_id', kind: 'text', group: 'source', most: 64 },
  { name: 'sex', kind: 'words', group: 'person' },
  { name: 'age_years', kind: 'number', group: 'person' },
  { name: 'occupation', kind: 'text', group: 'person', most: 64 },
  { name: 'pregnancy', kind: 'words', group: 'person' },
  { name: 'place', kind: 'text', group: 'person', most: 200 },
  { name: 'risk', kind: 'words', group: 'person' },
  { name: 'risk_reason', kind: 'text', group: 'person', most: 200 },
  { name: 'outcome', kind: 'words', group: 'outcome' },
  { name: 'outcome_date', kind: 'day', group: 'outcome' },
];

/** The words that a field chooses from. */
export function wordsOf(name: FieldName): Record<string, string> {
  const words = t().cases;
  const lists: Partial<Record<FieldName, Record<string, string>>> = {
    classification: words.classification,
    severity: words.severity,
    origin: words.origin,
    outcome: words.outcome,
    sex: words.sex,
    pregnancy: c().pregnancy,
    risk: c().risks,
    symptoms: w().symptoms,
  };
  return lists[name] ?? {};
}

export function fieldLabel(name: string): string {
  return word(c().fields, name);
}

/** What stands in a form: text for every field, and the symptoms that are ticked. */
export interface Filled {
  texts: Record<string, string>;
  symptoms: Symptom[];
}

const YES = 'yes';
const NO = 'no';

export function filled(details: Partial<CaseDetails>): Filled {
  const texts = Object.fromEntries(
    fields
      .filter(({ kind }) => kind !== 'symptoms')
      .map(({ name, kind }) => {
        const value = details[name];
        if (kind === 'moment') return [name, value ? wallOf(String(value)) : ''];
        if (typeof value === 'boolean') return [name, value ? YES : NO];
        return [name, value == null ? '' : String(value)];
      }),
  );
  return { texts, symptoms: [...(details.symptoms ?? [])] };
}

/** A field as the server reads it: null where it is empty. */
export function valueOf(spec: FieldSpec, form: Filled): unknown {
  if (spec.kind === 'symptoms') return form.symptoms;
  const text = (form.texts[spec.name] ?? '').trim();
  if (text === '') return null;
  if (spec.kind === 'number') return Number(text);
  if (spec.kind === 'yes') return text === YES;
  if (spec.kind === 'moment') return momentOf(text);
  return text;
}

/** All that a form says. */
export function detailsOf(form: Filled): CaseDetails {
  const said = fields.map((spec) => [spec.name, valueOf(spec, form)] as const);
  return Object.fromEntries(said.filter(([, value]) => value !== null)) as unknown as CaseDetails;
}

/** What a form says otherwise than it began with. */
export function changesIn(before: Filled, now: Filled): Record<string, unknown> {
  const changed = fields.filter(
    (spec) => JSON.stringify(valueOf(spec, before)) !== JSON.stringify(valueOf(spec, now)),
  );
  return Object.fromEntries(changed.map((spec) => [spec.name, valueOf(spec, now)]));
}

export const yesNo = (): Record<string, string> => ({ [YES]: c().yes, [NO]: c().no });
