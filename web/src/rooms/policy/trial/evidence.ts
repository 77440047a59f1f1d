import type { Evidence, EvidenceField, PolicySchema } from '$lib/api/types';
import { say, t } from '$lib/i18n';
import { count, plain } from '$lib/i18n/format';

/** What stands in the form, field by field: ticked, written, or chosen of a list. */
export type Given = Record<string, string | boolean | string[]>;

function sent(field: EvidenceField, value: Given[string] | undefined): unknown {
  if (value === undefined || value === '' || value === false) return undefined;
  switch (field.kind) {
    case 'flag':
      return true;
    case 'maybe_flag':
      return value === 'yes';
    case 'words':
      return Array.isArray(value) && value.length > 0 ? value : undefined;
    case 'number':
    case 'maybe_number':
    case 'daily':
    case 'temperature':
      return Number(value);
    case 'word':
    case 'day':
      return value;
  }
}

/** The evidence as the server reads it: what was not given is left out. */
export function evidenceOf({ fields }: PolicySchema, given: Given): Evidence {
  const told = fields.flatMap((field) => {
    const value = sent(field, given[field.name]);
    return value === undefined ? [] : [[field.name, value] as const];
  });
  // The document says only "an object": its fields are told at run time.
  return Object.fromEntries(told) as Evidence;
}

/** What nobody may assume and the form does not say yet. */
export function missing({ fields }: PolicySchema, given: Given): string[] {
  return fields.filter(({ required, name }) => required && !given[name]).map(({ label }) => say(label));
}

/** A refusal that names fields as the file does, with the names that stand over the form's fields. */
export function inLabels({ fields }: PolicySchema, said: string): string {
  return said.replace(/[`“](\w+)[`”]/g, (whole, name) => {
    const field = fields.find((each) => each.name === name);
    return field ? t().policy.quoted(say(field.label)) : whole;
  });
}

/** What a condition found, as it would write it, in the reader's words. */
export function foundInWords({ fields }: PolicySchema, found: string): string {
  return found
    .split(' && ')
    .map((each) => one(fields, each))
    .join(t().common.listComma);
}

function one(fields: EvidenceField[], found: string): string {
  const words = t().policy;
  if (/^'\w+' in \w+$/.test(found)) return words.yes;
  if (/^!\('\w+' in \w+\)$/.test(found)) return words.no;
  const flag = /^(!?)(\w+)$/.exec(found);
  if (flag) {
    const [, not, name] = flag;
    const known = name!.endsWith('_known') && !fields.some((field) => field.name === name);
    if (known) return not ? words.notKnown : words.known;
    return not ? words.no : words.yes;
  }
  const equal = /^(\w+) == (.+)$/.exec(found);
  if (!equal) return found;
  const [, name, value] = equal;
  if (value === 'never') return words.never;
  if (name!.startsWith('days_since_')) return words.daysAgo(Number(value));
  const field = fields.find((each) => each.name === name);
  const quoted = /^'(\w+)'$/.exec(value!)?.[1];
  if (quoted !== undefined) {
    const named = field?.kind === 'word' ? field.words.find(({ word }) => word === quoted) : undefined;
    return named ? say(named.name) : quoted;
  }
  return field?.kind === 'temperature' ? plain(Number(value)) : count(Number(value));
}
