import type { CaseDetail } from '$lib/api/types';
import { t, word } from '$lib/i18n';
import { c } from '$lib/i18n/casework';
import { count, day, moment } from '$lib/i18n/format';

import { wallOf } from '$lib/state/clock';

import { fieldLabel, fields, groups, wordsOf, type FieldSpec, type Group } from '../form/fields';

export interface Fact {
  label: string;
  value: string;
}

export interface FactGroup {
  group: Group;
  facts: Fact[];
}

/** Said elsewhere on the page: in its head, or with sex and age. */
const ELSEWHERE = ['classification', 'external_id', 'sex', 'age_years'];

function written(spec: FieldSpec, value: unknown): string | null {
  if (value == null || value === '') return null;
  if (spec.kind === 'yes') return value === true ? c().yes : c().no;
  if (spec.kind === 'symptoms') {
    const ticked = value as string[];
    const words = ticked.map((symptom) => word(wordsOf('symptoms'), symptom));
    return words.length === 0 ? null : words.join(t().common.listComma);
  }
  if (spec.kind === 'day') return day(String(value));
  if (spec.kind === 'moment') return moment(wallOf(String(value)));
  if (spec.kind === 'number') return count(Number(value));
  return spec.kind === 'words' ? word(wordsOf(spec.name), String(value)) : String(value);
}

/** What is known of a case; what is not known is left out. */
export function factsOf(detail: CaseDetail): FactGroup[] {
  const words = t().cases;
  const known = fields
    .filter(({ name }) => !ELSEWHERE.includes(name))
    .flatMap((spec) => {
      const value = written(spec, detail.details[spec.name]);
      return value === null ? [] : [{ group: spec.group, label: fieldLabel(spec.name), value }];
    });
  const own: Fact[] = [];
  if (detail.name) own.push({ label: words.name, value: detail.name });
  if (detail.sex || detail.age_years != null) {
    const sex = detail.sex ? word(words.sex, detail.sex) : '';
    own.push({ label: words.who, value: words.sexAge(sex, detail.age_years) });
  }
  return groups
    .map((group) => {
      const facts = known.filter((fact) => fact.group === group);
      return { group, facts: group === 'state' ? [...own, ...facts] : facts };
    })
    .filter(({ facts }) => facts.length > 0);
}
