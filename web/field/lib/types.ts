/** What the phone sends and is told: `crates/service/src/field.rs` and the routes of the field pages. */

import type { Portable } from './rules';

export interface Text {
  en: string;
  zh: string;
}

export interface Named {
  code: string;
  name: string | Text;
  name_en?: string | null;
}

export type Triage =
  'pass' | 'hand_over' | 'home_quarantine' | 'site_quarantine' | 'fever_clinic' | 'turn_back';
export type Mode = 'air' | 'rail' | 'road' | 'water' | 'metro' | 'bus' | 'foot';
export type DestinationWord = 'here' | 'other_county' | 'transit';
export type PassShown = 'none' | 'green' | 'yellow' | 'red' | 'invalid';
export type ReceiverWord = 'community' | 'site' | 'clinic' | 'checkpoint' | 'elsewhere';
export type Dwelling =
  'home' | 'rented' | 'urban_village' | 'dormitory' | 'nursing_home' | 'hotel' | 'site_quarters';
export type Need = 'supplies' | 'medicine' | 'counselling' | 'other';

export interface PersonGiven {
  name?: string;
  document_kind?: string;
  document?: string;
  phone?: string;
  born?: string;
  address?: string;
}

export interface Journey {
  mode: Mode;
  number?: string;
  seat?: string;
  from?: string;
}

export interface Circumstances {
  pregnant: boolean;
  needs_care: boolean;
  home_suitable: boolean;
}

export interface Coming {
  journey: Journey;
  arrival: string;
  destination: DestinationWord;
  bound_for?: string;
  circumstances: Circumstances;
  party?: string;
}

export type Happening =
  | {
      kind: 'notice';
      source: 'declared' | 'canvass';
      person: PersonGiven;
      coming: Coming;
      arrived: boolean;
      household?: string;
    }
  | {
      kind: 'check_in';
      checkpoint: string;
      lane?: number;
      entrant?: string;
      person?: PersonGiven;
      coming?: Coming;
      circumstances?: Circumstances;
      temperature?: number;
      symptoms: string[];
      pass: PassShown;
      neighbour_pass?: boolean;
      shown: Triage;
      seconds: number;
    }
  | { kind: 'resident_pass'; checkpoint: string; person: string }
  /** A pass shown at a checkpoint: it goes by the door of scans. */
  | { kind: 'scan'; code: string; place: string; colour: string }
  | {
      kind: 'send';
      entrants: string[];
      receiver: ReceiverWord;
      area: string;
      site?: string;
      vehicle?: string;
      escort?: string;
      expected: string;
    }
  | { kind: 'check'; order: string; temperature?: number; symptoms: string[]; by: 'person' | 'staff' }
  | { kind: 'health'; temperature?: number; symptoms: string[] }
  | { kind: 'sample' | 'back' | 'release'; order: string }
  | { kind: 'absent'; order: string; how: 'not_at_home' }
  | { kind: 'needs'; order: string; need: Need; text: string }
  | {
      kind: 'household';
      area: string;
      door: string;
      dwelling: Dwelling;
      walk: number;
      people: number;
      place?: string;
    }
  | { kind: 'visit'; household: string; people: number };

export interface FieldEntry {
  id: string;
  at: string;
  what: Happening;
}

export interface Refusal {
  code: string;
  field?: string;
  message: Text;
}

export interface Ruling {
  triage?: Triage;
  watch?: string;
  rule: string;
  reason: Text;
  pack: string;
  until?: string;
  differs?: boolean;
}

export interface EntryAnswer {
  id: string;
  result: 'taken' | 'repeated' | 'refused';
  refusal?: Refusal;
  entrant?: string;
  decision?: Ruling;
}

export interface Me {
  login: string;
  name: string;
  csrf: string;
  home: Named;
  grants: { area: Named }[];
  must_change_password: boolean;
}

export interface Checkpoint {
  checkpoint: string;
  name: Text;
  kind: string;
  area: Named;
  lanes: number;
  open: boolean;
  on_duty: { from: string; until: string; staff: number; lanes: number } | null;
  checked_today: number;
  waiting_handover: number;
}

export interface Expected {
  entrant: string;
  name: string | null;
  tail: string | null;
  phone_tail: string | null;
  number: string | null;
  seat: string | null;
  from: string | null;
  origin: string;
  abroad: boolean;
  arrival: string;
  bound_for: Named | null;
  destination: DestinationWord;
  party: string | null;
  watch: string;
  case: string;
  age: number | null;
  pregnant: boolean;
  needs_care: boolean;
  home_suitable: boolean;
}

export interface Resident {
  person: string;
  name: string | null;
  door: string;
  watch: string;
  /** The order that somebody under watch is under. */
  order?: string | null;
}

export interface Kit {
  checkpoint: Checkpoint;
  as_of: string;
  /** Hours for which passes may be verified by the list of keys on the phone. */
  pass_list_hours?: number | null;
  rules: Portable;
  origins: (Named & { risk: string })[];
  areas: Named[];
  local: Named[];
  expected: Expected[];
  residents: Resident[];
  sites: { site: string; name: Text; area: Named; free: number }[];
}

export interface GateQueue {
  measured: { mean_seconds: number; cv: number; n: number } | null;
  arrivals_per_hour: number | null;
  foreseen: { hour: string | number; expected: number }[];
  lanes_open: number;
  needed: { lanes: number; staff: number; mean_wait_seconds: number; share_within: number } | null;
  target: { seconds: number; share: number };
}

export interface RoundPerson {
  order: string;
  entrant: string | null;
  person: string;
  name: string | null;
  door: string | null;
  walk: number | null;
  watch: string;
  day: number;
  days: number;
  until: string;
  due: ('check' | 'sample' | 'release')[];
  new: boolean;
  missing: boolean;
  checks: { slot: number; temperature: number | null; symptoms: string[]; abnormal: boolean }[];
  needs: string[];
}

export interface Household {
  household: string;
  door: string | null;
  dwelling: string;
  walk: number;
  people: number;
  place: string | null;
  residents: number;
  visited_at: string | null;
  covered: boolean;
}

export interface Round {
  area: Named;
  day: string;
  as_of: string;
  slots: { now: number; of: number };
  people: RoundPerson[];
  households: Household[];
  coverage: { households: number; visited: number; people: number; met: number; since: string };
}

export interface Standing {
  stage: string;
  stage_name: Text;
  watch: string | null;
  watch_name: Text | null;
  reason: Text | null;
  since: string | null;
  until: string | null;
  day: number | null;
  days: number | null;
  /** The order that a check or a need speaks of. */
  order?: string | null;
  checks: {
    now: number;
    of: number;
    today: { slot: number; temperature: number | null; symptoms: string[] }[];
  } | null;
  samples: { day: string; taken: boolean; result: string | null }[];
  needs: { need: string; need_name: Text; state_name: Text; over: boolean }[];
  certificate: string | null;
  pack: string | null;
}

export interface Verdict {
  valid: boolean;
  why: Text;
  certificate: {
    issuer: Named;
    first: string;
    last: string;
    released: string;
    pack: string;
    name: string;
    digits: string | null;
  } | null;
}
