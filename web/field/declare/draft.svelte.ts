/** A declaration while it is written: kept in this tab only, and gone with it. */

import { ulid } from '$lib/ulid';

import { today } from '../lib/clock';
import type { Circumstances, Coming, DestinationWord, Mode, Named, PersonGiven } from '../lib/types';

export const STEPS = [
  'name',
  'document',
  'phone',
  'from',
  'travel',
  'arrival',
  'stay',
  'circumstances',
  'review',
] as const;

export type Step = (typeof STEPS)[number];
export type Place = 'start' | Step | 'receipt';

interface Answers {
  name: string;
  document: string;
  phone: string;
  from: Named | null;
  mode: Mode | null;
  number: string;
  seat: string;
  day: string;
  time: string;
  destination: DestinationWord;
  address: string;
  circumstances: (keyof Circumstances)[];
  party: string;
}

const KEY = 'lianfang.declare';

const blank = (): Answers => ({
  name: '',
  document: '',
  phone: '',
  from: null,
  mode: null,
  number: '',
  seat: '',
  day: today(),
  time: '12:00',
  destination: 'here',
  address: '',
  circumstances: [],
  party: ulid(),
});

function restored(): Answers {
  try {
    return { ...blank(), ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Answers>) };
  } catch {
    return blank();
  }
}

class Draft {
  place = $state<Place>('start');
  answers = $state<Answers>(restored());
  /** Whether the answers have been seen together: a change then leads back there. */
  reviewed = $state(false);
  /** The declaration's entry, once it was made. */
  entry = $state('');

  go(place: Place): void {
    this.place = place;
    sessionStorage.setItem(KEY, JSON.stringify(this.answers));
    history.pushState(place, '', location.pathname);
    scrollTo(0, 0);
  }

  after(step: Step): void {
    if (this.reviewed) return this.go('review');
    this.go(STEPS[STEPS.indexOf(step) + 1] ?? 'review');
  }

  /** For somebody on the same journey: what is theirs alone is asked again. */
  another(): void {
    this.answers = { ...this.answers, name: '', document: '', phone: '', circumstances: [] };
    this.reviewed = false;
    this.go('name');
  }

  clear(): void {
    sessionStorage.removeItem(KEY);
  }

  get person(): PersonGiven {
    const { name, document, phone, address } = this.answers;
    return {
      name: name.trim(),
      document,
      phone: phone.trim(),
      ...(address.trim() && { address: address.trim() }),
    };
  }

  get coming(): Coming {
    const { mode, number, seat, from, day, time, destination, circumstances, party } = this.answers;
    const has = (name: keyof Circumstances): boolean => circumstances.includes(name);
    return {
      journey: {
        mode: mode ?? 'road',
        ...(number.trim() && { number: number.trim().toUpperCase() }),
        ...(seat.trim() && { seat: seat.trim().toUpperCase() }),
        ...(from && { from: from.code }),
      },
      arrival: new Date(`${day}T${time || '12:00'}`).toISOString(),
      destination,
      circumstances: {
        pregnant: has('pregnant'),
        needs_care: has('needs_care'),
        home_suitable: has('home_suitable'),
      },
      party,
    };
  }
}

export const draft = new Draft();
