/** Today's round on this phone: the list as fetched, and what has been done since. */

import { today } from '../lib/clock';
import { keep, kept } from '../lib/db';
import { get, NetError } from '../lib/net';
import { session } from '../lib/session.svelte';
import type { Household, Round, RoundPerson } from '../lib/types';

export type View = 'list' | 'person' | 'visit' | 'arrival' | 'door';

/** What was done here and may not be with the server yet. */
interface Mark {
  entry: string;
  day: string;
  about: string;
  what: 'check' | 'sample' | 'release' | 'absent' | 'back' | 'visit';
  slot: number;
  people: number;
}

const REFRESH_MS = 5 * 60_000;
const KEPT = 'round';
const MARKS = 'round:marks';

class Walk {
  round = $state.raw<Round | null>(null);
  failed = $state(false);
  view = $state<View>('list');
  tab = $state<'people' | 'doors'>('people');
  person = $state.raw<RoundPerson | null>(null);
  household = $state.raw<Household | null>(null);
  marks = $state.raw<Mark[]>([]);

  /** The list with what was done since. */
  people = $derived((this.round?.people ?? []).map((each) => this.#marked(each)));
  households = $derived(
    (this.round?.households ?? []).map((each) => {
      const mark = this.#of(each.household).find(({ what }) => what === 'visit');
      return mark ? { ...each, visited_at: this.round!.day, covered: mark.people > 0 } : each;
    }),
  );
  done = $derived(this.people.filter(({ due, missing }) => due.length === 0 && !missing).length);
  visited = $derived(this.households.filter(({ covered }) => covered).length);

  async open(): Promise<void> {
    this.marks = ((await kept<Mark[]>(MARKS)) ?? []).filter(({ day }) => day === today());
    this.round = (await kept<Round>(KEPT)) ?? null;
    await session.restore();
    await this.refresh();
    setInterval(() => void this.refresh(), REFRESH_MS);
    addEventListener('online', () => void this.refresh());
  }

  async refresh(): Promise<void> {
    try {
      const area = session.known?.home.code;
      this.round = await get<Round>(area ? `/api/round?area=${area}` : '/api/round');
      this.failed = false;
      await keep(KEPT, this.round);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (error.status === 401) session.out = true;
      this.failed = true;
    }
  }

  #of(about: string): Mark[] {
    return this.marks.filter((mark) => mark.about === about && mark.day === this.round?.day);
  }

  #marked(person: RoundPerson): RoundPerson {
    const marks = this.#of(person.order);
    const slot = this.round?.slots.now ?? 0;
    const did = (what: Mark['what']): boolean =>
      marks.some((mark) => mark.what === what && (what !== 'check' || mark.slot === slot));
    const moved = marks.filter(({ what }) => what === 'absent' || what === 'back').at(-1)?.what;
    return {
      ...person,
      due: person.due.filter((due) => !did(due)),
      missing: moved ? moved === 'absent' : person.missing,
    };
  }

  /** Remembers what was done, until the server's list says so. */
  async mark(entry: string, about: string, what: Mark['what'], people = 0): Promise<void> {
    const { day, slots } = this.round!;
    this.marks = [...this.marks, { entry, day, about, what, slot: slots.now, people }];
    await keep(MARKS, this.marks);
  }

  async unmark(entry: string): Promise<void> {
    this.marks = this.marks.filter((mark) => mark.entry !== entry);
    await keep(MARKS, this.marks);
  }

  openPerson(person: RoundPerson): void {
    this.person = person;
    this.view = 'person';
  }

  openVisit(household: Household): void {
    this.household = household;
    this.view = 'visit';
  }

  toList(): void {
    this.view = 'list';
    this.person = null;
    this.household = null;
  }
}

export const walk = new Walk();
