/** What the gate knows of a person, in the form that the rules ask for. */

import { isAbroad, riskOf } from '../lib/areas';
import { today } from '../lib/clock';
import { ageOn } from '../lib/documents';
import { decide, type Evidence, type PortableRule } from '../lib/rules';
import type { Circumstances, Coming, Expected, Kit, PassShown } from '../lib/types';

/** What is asked and measured at the gate. */
export interface Seen {
  temperature: number | null;
  symptoms: string[];
  pass: PassShown;
  /** Whether it is a trusted neighbour's. */
  neighbour?: boolean;
  circumstances: Circumstances;
}

/** Who stands there: known from the list, or as given. */
export interface Subject {
  known: Expected | null;
  born: string | null;
  coming: Coming | null;
}

const HOME = 'home_suitable';
const CIRCUMSTANCES = [HOME, 'pregnant', 'needs_care'] as const;

export function evidence(kit: Kit, { known, born, coming }: Subject, seen: Seen): Evidence {
  const from = coming?.journey.from;
  return {
    checkpoint: kit.checkpoint.kind,
    destination: known?.destination ?? coming?.destination ?? 'here',
    origin: known?.origin ?? riskOf(kit.origins, from),
    abroad: known?.abroad ?? isAbroad(from),
    case: known?.case ?? 'none',
    watch: known?.watch ?? 'none',
    age: known ? known.age : born === null ? null : ageOn(born, today()),
    temperature: seen.temperature,
    symptoms: seen.symptoms,
    pass: seen.pass,
    neighbour_pass: seen.neighbour ?? false,
    ...seen.circumstances,
  };
}

export function decided(kit: Kit, subject: Subject, seen: Seen): PortableRule {
  return decide(kit.rules, evidence(kit, subject, seen), today());
}

/** What the gate learnt of somebody beyond what is on record. */
export function learnt(known: Circumstances, { circumstances }: Seen): Circumstances | null {
  return CIRCUMSTANCES.some((name) => circumstances[name] && !known[name]) ? circumstances : null;
}

/** Circumstances that would change the outcome: only those are asked, and none that is on record. */
export function asked(kit: Kit, subject: Subject, seen: Seen): (keyof Circumstances)[] {
  const outcome = (circumstances: Circumstances): string =>
    decided(kit, subject, { ...seen, circumstances }).outcome;
  const { circumstances } = seen;
  const names = CIRCUMSTANCES.filter((name) => !subject.known?.[name]);
  const matters = names.filter(
    (name) => outcome({ ...circumstances, [name]: true }) !== outcome({ ...circumstances, [name]: false }),
  );
  // A home counts for nothing until there is a need, and a need for nothing without a home.
  const both = { ...circumstances, home_suitable: true };
  const needs = names.filter((name) => name !== HOME && outcome({ ...both, [name]: true }) !== outcome(both));
  return matters.length > 0 || needs.length === 0 ? matters : [HOME];
}

/** What the rules make of somebody who lives behind this gate. */
export function residentRule(kit: Kit, watch: string): PortableRule {
  return decide(kit.rules, { checkpoint: kit.checkpoint.kind, resident: true, watch }, today());
}
