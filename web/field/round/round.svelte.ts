/** Today's round on this phone: the list as fetched, and what has been done since. */

import { today } from '../lib/clock';
import { keep, kept } from '../lib/db';
import { get, NetError } from '../lib/net';
import { session } from '../lib/session.svelte';
import type { Household, Named, Round, RoundPerson, Text } from '../lib/types';

export type View = 'areas' | 'list' | 'person' | 'visit' | 'arrival' | 'door';

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
/** Digits of the code of a village. */
const VILLAGE = 12;
const MARKS = 'round:marks';
const AREA = 'lianfang.round.area';
const keptOf = (area: string): string => `round:of:${area}`;

/** The area that was chosen on this phone. */
function remembered(): Named | null {
  try {
    return JSON.parse(localStorage.getItem(AREA) ?? 'null') as Named | null;
  } catch {
    return null;
  }
}

class Walk {
  round = $state.raw<Round | null>(null);
  /** Whose round this is; one of several that somebody works in, or one below. */
  area = $state.raw<Named | null>(remembered());
  failed = $state(false);
  /** What the server says of an area that is not walked in one round. */
  refused = $state.raw<Text | null>(null);
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

  /** A door belongs to a village, a community or a grid. */
  get takesDoors(): boolean {
    return (this.round?.area.code.length ?? 0) >= VILLAGE;
  }

  async open(): Promise<void> {
    this.marks = ((await kept<Mark[]>(MARKS)) ?? []).filter(({ day }) => day === today());
    await this.#recall();
    await session.restore();
    await this.begin();
    setInterval(() => void this.refresh(), REFRESH_MS);
    addEventListener('online', () => void this.refresh());
  }

  /** Where somebody works in one area only, that is the one; of several they choose. */
  async begin(): Promise<void> {
    const [only, ...others] = this.areas;
    if (this.area !== null) await this.refresh();
    else if (others.length > 0) this.view = 'areas';
    else if (only) await this.choose(only);
  }

  /** The areas that somebody works in, each once. */
  get areas(): Named[] {
    const { known } = session;
    const all = known?.areas ?? (known ? [known.home] : []);
    return all.filter(({ code }, at) => all.findIndex((other) => other.code === code) === at);
  }

  async choose(area: Named): Promise<void> {
    const { code, name, name_en = null } = area;
    this.area = { code, name, name_en };
    localStorage.setItem(AREA, JSON.stringify(this.area));
    this.refused = null;
    this.toList();
    await this.#recall();
    await this.refresh();
  }

  /** The list of this area as this phone knows it. */
  async #recall(): Promise<void> {
    const { area } = this;
    const found = area ? await kept<Round>(keptOf(area.code)) : undefined;
    if (area === this.area) this.round = found ?? null;
  }

  async refresh(): Promise<void> {
    const { area } = this;
    if (area === null) return;
    try {
      const round = await get<Round>(`/api/round?area=${area.code}`);
      await keep(keptOf(area.code), round);
      if (area !== this.area) return;
      this.round = round;
      this.failed = false;
      this.refused = null;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (area !== this.area) return;
      if (error.status === 401) session.out = true;
      else if (error.problem.message) this.#refuse(error.problem.message);
      this.failed = true;
    }
  }

  /** Not an area that is walked: another is chosen. */
  #refuse(why: Text): void {
    this.refused = why;
    this.round = null;
    this.view = 'areas';
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
