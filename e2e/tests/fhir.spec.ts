import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { strayReferences, wrongWith, type Bundle, type Resource } from '../support/fhir';
import { binary } from '../support/server';
import { expect, test } from '../support/test';

/** Every classification, severity, outcome and result; with and without what may be left out. */
const FILES = {
  linelist: `external_id,name,sex,age,phone,address,area,onset,sampled,reported,hospitalised,discharged,hospital,classification,severity,outcome,outcome_date
A1,陈一,f,34,13900000001,某路1号,330106,2020-02-01,2020-02-02,2020-02-03,2020-02-03,2020-02-14,Hospital One,confirmed,mild,recovered,2020-02-14
A2,陈二,m,71,,,330106,2020-02-02,,2020-02-05,2020-02-05,,,confirmed,critical,died,2020-02-12
A3,陈三,m,,,,330106,,,2020-02-06,,,,clinical,severe,died,
A4,,f,5,,,330106,2020-02-04,,2020-02-06,,,,suspected,moderate,,
A5,陈五,,40,,,330106,,2020-02-07,2020-02-07,,,,asymptomatic,,,
A6,陈六,m,22,,,330106,2020-02-05,,2020-02-07,,,,excluded,,,
`,
  contacts: `external_id,case,name,sex,age,phone,area,class,met,met_first,setting,exposure,frequency,lasting,relation,certainty
C1,A1,林一,f,30,13900000011,330106,close,2020-02-02,2020-02-01,household,direct_physical,several,hours,family,confirmed
C2,A1,林二,m,,,330106,secondary,2020-02-02,,work,near,,,colleague,possible
C3,A2,林三,,,,330106,close,,,,,,,,
`,
  labresults: `case,sampled,sample_number,sample_kind,test_kind,laboratory,result,result_date
A1,2020-02-02,S1,throat,pcr,Laboratory One,positive,2020-02-03
A2,2020-02-05,S2,sputum,pcr,Laboratory One,negative,2020-02-06
A4,2020-02-06,S3,nasopharynx,antigen,,unclear,2020-02-06
A5,2020-02-07,S4,,,,,
`,
  relationships: `case,contact,met,setting,certainty
A1,A2,2020-02-01,household,probable
A2,A4,,,possible
`,
};

let folder = '';

const run = (...of: string[]): string => execFileSync(binary(), of, { encoding: 'utf8', stdio: 'pipe' });

const bundle = (what: string, ...more: string[]): Bundle =>
  JSON.parse(run('export', what, '--format', 'fhir', '--data-dir', join(folder, 'data'), ...more)) as Bundle;

const types = (of: Bundle): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const { resource } of of.entry ?? [])
    found[resource.resourceType] = (found[resource.resourceType] ?? 0) + 1;
  return found;
};

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianfang-fhir-'));
  run('init', '--data-dir', join(folder, 'data'), '--root', '330106');
  for (const [what, text] of Object.entries(FILES)) {
    const file = join(folder, `${what}.csv`);
    writeFileSync(file, text);
    const report = JSON.parse(run('import', what, file, '--data-dir', join(folder, 'data'))) as {
      report?: { rows_refused: number };
      rows_refused?: number;
    };
    expect(report.rows_refused ?? report.report?.rows_refused, what).toBe(0);
  }
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an independent validator accepts the bundle of the line list', () => {
  for (const more of [[], ['--personal', 'a test of the bundle']]) {
    const of = bundle('linelist', ...more);
    // An age of four, a stay of two, a sample of four.
    expect(types(of)).toEqual({ Patient: 6, Condition: 6, Encounter: 2, Observation: 8 + 1 });
    expect(wrongWith(of)).toEqual([]);
    expect(strayReferences(of)).toEqual([]);
  }
});

test('an independent validator accepts the bundles of contacts and chains', () => {
  const contacts = bundle('contacts');
  expect(types(contacts)).toEqual({ Patient: 5, Observation: 3 });
  const chains = bundle('chains');
  expect(types(chains)).toEqual({ Patient: 3, Observation: 2 });
  for (const of of [contacts, chains]) {
    expect(wrongWith(of)).toEqual([]);
    expect(strayReferences(of)).toEqual([]);
  }
});

test('the validator finds what is broken in a bundle', () => {
  const whole = bundle('linelist');
  const broken = (type: string, change: (resource: Resource) => void): Bundle => {
    const copy = structuredClone(whole);
    const entry = copy.entry?.find(({ resource }) => resource.resourceType === type);
    change(entry!.resource);
    return copy;
  };
  const changes: Record<string, Bundle> = {
    'a field that must be there': broken('Observation', (one) => delete one.status),
    'a field that nobody knows': broken('Patient', (one) => (one.shoes = 'brown')),
    'a date of no form': broken('Condition', (one) => (one.onsetDateTime = '1 February')),
    'two values of one choice': broken('Observation', (one) => (one.valueString = 'five')),
    'a list that is none': broken('Patient', (one) => (one.identifier = { value: 'A1' })),
    'a code of no list': broken('Patient', (one) => (one.gender = 'brown')),
    'a concept of no list': broken('Condition', (one) => {
      const system = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
      one.verificationStatus = { coding: [{ system, code: 'likely' }] };
    }),
    'over, and active at once': broken('Condition', (one) => {
      one.abatementDateTime = '2020-02-14';
      one.clinicalStatus = {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      };
    }),
  };
  for (const [what, of] of Object.entries(changes)) expect(wrongWith(of), what).not.toEqual([]);
  const lost = broken('Condition', (one) => (one.subject = { reference: 'urn:uuid:of-nobody' }));
  expect(strayReferences(lost)).toHaveLength(1);
});
