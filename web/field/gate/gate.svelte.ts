/** A shift at one checkpoint: who stands there, what is decided, what is written down. */

import { ulid } from '$lib/ulid';

import { keep, kept } from '../lib/db';
import { maskDocument, maskName } from '../lib/mask';
import { get, NetError } from '../lib/net';
import type { PortableRule } from '../lib/rules';
import type {
  Checkpoint,
  Coming,
  Expected,
  Kit,
  Mode,
  Named,
  PersonGiven,
  Resident,
  Triage,
} from '../lib/types';
import { nameOf } from '../lib/words.svelte';
import { session } from '../lib/session.svelte';
import type { Seen, Subject } from './evidence';
import { unseen } from './unseen';
import { w } from './words';

export type Screen = 'choose' | 'who' | 'pass' | 'person' | 'journey' | 'check' | 'decision' | 'stay';

const CHOSEN = 'lianfang.gate';
const LANE = 'lianfang.gate.lane';
const REFRESH_MS = 5 * 60_000;
const MODES: Record<string, Mode> = {
  railway: 'rail',
  airport: 'air',
  port: 'water',
  bus: 'bus',
  metro: 'metro',
  village: 'foot',
  compound: 'foot',
};

/** Somebody of this vehicle who was checked, and is not handed over yet. */
interface Member {
  entrant: string;
  triage: Triage;
}

class Gate {
  screen = $state<Screen>('choose');
  gates = $state.raw<Checkpoint[] | null>(null);
  kit = $state.raw<Kit | null>(null);
  failed = $state(false);
  lane = $state(Number(localStorage.getItem(LANE) ?? '1'));

  known = $state.raw<Expected | null>(null);
  given = $state<PersonGiven>({});
  born = $state<string | null>(null);
  coming = $state<Coming | null>(null);
  from = $state.raw<Named | null>(null);
  bound = $state.raw<Named | null>(null);
  seen = $state<Seen>(unseen());
  rule = $state.raw<PortableRule | null>(null);
  resident = $state.raw<Resident | null>(null);
  handed = $state(false);
  /** The code of a pass that was scanned on the list. */
  shownCode = '';

  /** Those of this vehicle. */
  members = $state<Member[]>([]);
  checked = $state.raw<ReadonlySet<string>>(new Set());
  times = $state.raw<number[]>([]);

  party = ulid();
  started = 0;
  announcedId: string | null = null;

  get subject(): Subject {
    return { known: this.known, born: this.born, coming: this.coming };
  }

  get name(): string {
    return (
      this.known?.name ||
      maskName(this.given.name ?? '') ||
      maskDocument(this.given.document ?? '') ||
      w().gate.someone
    );
  }

  /** Whether most who come through live behind it. */
  get guardsHomes(): boolean {
    return (this.kit?.residents.length ?? 0) > 0;
  }

  async open(): Promise<void> {
    void session.restore();
    const chosen = localStorage.getItem(CHOSEN);
    if (chosen !== null) {
      this.kit = (await kept<Kit>(`kit:${chosen}`)) ?? null;
      this.screen = 'who';
      await this.refresh();
    } else await this.loadGates();
    setInterval(() => void this.refresh(), REFRESH_MS);
    addEventListener('online', () => void this.refresh());
  }

  async loadGates(): Promise<void> {
    this.screen = 'choose';
    this.gates = (await kept<Checkpoint[]>('gates')) ?? null;
    try {
      this.gates = (await get<{ gates: Checkpoint[] }>('/api/gates')).gates;
      await keep('gates', this.gates);
      this.failed = false;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.failed = true;
    }
  }

  async choose(checkpoint: string): Promise<void> {
    localStorage.setItem(CHOSEN, checkpoint);
    this.kit = (await kept<Kit>(`kit:${checkpoint}`)) ?? null;
    this.screen = 'who';
    await this.refresh();
  }

  /** Asks for a newer list; the one at hand serves until then. */
  async refresh(): Promise<void> {
    const chosen = localStorage.getItem(CHOSEN);
    if (chosen === null) return;
    try {
      this.kit = await get<Kit>(`/api/gates/${chosen}/kit`);
      this.failed = false;
      await keep(`kit:${chosen}`, this.kit);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.failed = true;
      // Not a gate of whoever is signed in now: they choose their own.
      if ((error.status === 403 || error.status === 404) && this.screen === 'who') {
        localStorage.removeItem(CHOSEN);
        this.kit = null;
        await this.loadGates();
      }
    }
  }

  setLane(lane: number): void {
    this.lane = lane;
    localStorage.setItem(LANE, String(lane));
  }

  /** Somebody on the list: one tap, and they are being checked. */
  pick(known: Expected): void {
    this.begin();
    if (known.party !== null) this.party = known.party;
    this.known = known;
    const { pregnant, needs_care, home_suitable } = known;
    this.seen.circumstances = { pregnant, needs_care, home_suitable };
    if (this.coming === null && known.bound_for) this.bound = known.bound_for;
    this.screen = 'check';
  }

  /** Somebody who announced themselves since the list was made: known to the server by this id. */
  announced(entrant: string): void {
    this.begin();
    this.announcedId = entrant;
    this.coming = this.newJourney();
    this.screen = 'journey';
  }

  stranger(): void {
    this.begin();
    this.screen = 'person';
  }

  /** A pass is shown. */
  showPass(code = ''): void {
    this.shownCode = code;
    this.screen = 'pass';
  }

  begin(): void {
    this.started = Date.now();
    this.announcedId = null;
    this.known = null;
    this.given = {};
    this.born = null;
    this.seen = unseen();
    this.rule = null;
    this.resident = null;
    this.handed = false;
  }

  newJourney(): Coming {
    return {
      journey: { mode: MODES[this.kit?.checkpoint.kind ?? ''] ?? 'road' },
      arrival: new Date().toISOString(),
      destination: 'here',
      circumstances: unseen().circumstances,
    };
  }

  /** After who it is: the journey, unless the vehicle's is known. */
  whoIsKnown(): void {
    if (this.coming === null) {
      this.coming = this.newJourney();
      this.screen = 'journey';
    } else this.screen = 'check';
  }

  /** All of this vehicle who wait for the same receiver. */
  get waiting(): Member[] {
    const outcome = this.rule?.outcome;
    return this.members.filter(({ triage }) => triage === outcome);
  }

  /** Others of this vehicle who are on the list and not checked yet. */
  get companions(): Expected[] {
    return (this.kit?.expected ?? []).filter(
      ({ party, entrant }) => party === this.party && !this.checked.has(entrant),
    );
  }

  /** The journey of somebody on the list holds for those in the vehicle with them. */
  anotherInCar(): void {
    if (this.known && this.coming === null) {
      const { from, number } = this.known;
      this.coming = this.newJourney();
      if (number) this.coming.journey.number = number;
      if (from) this.coming.journey.from = from;
    }
    this.stranger();
  }

  cancel(): void {
    this.next();
  }

  next(): void {
    this.begin();
    this.party = ulid();
    this.members = [];
    this.coming = null;
    this.from = null;
    this.bound = null;
    this.screen = 'who';
  }

  placeName(code: string | null | undefined): string {
    if (!code) return '';
    const all = [...(this.kit?.origins ?? []), ...(this.kit?.areas ?? [])];
    const found = all.find((area) => area.code === code);
    return found ? nameOf(found) : code;
  }
}

export const gate = new Gate();
