/** What was written down on this phone and is not yet with the server. Nothing leaves it unsaid. */

import { ulid } from '$lib/ulid';

import { moment } from './clock';
import { within } from './db';
import { plain } from './plain';
import { session } from './session.svelte';
import type { FieldEntry, Happening, Refusal, Ruling } from './types';

/** By which door an entry goes in. */
export type Way = 'field' | 'declare' | 'me' | 'pass';

export interface Queued {
  place?: number;
  entry: FieldEntry;
  way: Way;
  /** Who wrote it down: it is sent under no other name. */
  by: string | null;
  /** The code that opens the way of a citizen under watch, or of the holder of a pass. */
  code?: string;
  /** What it is, for whoever looks through the list: no full name. */
  title: string;
  /** Not before then, so that it can still be undone. */
  notBefore: number;
  state: 'waiting' | 'refused' | 'differs';
  refusal?: Refusal;
  ruling?: Ruling;
}

const UNDO_MS = 5_000;

/** Fires when something new waits. */
export const added = new EventTarget();

/** What the strip shows. */
class Line {
  rows = $state.raw<Queued[]>([]);
  /** Whether the store was looked into: until then nobody may say that all is sent. */
  read = $state(false);
  sent = $state(0);
  online = $state(navigator.onLine);

  /** From the very moment it is read: a change that nobody hears would stay on the strip. */
  constructor() {
    addEventListener('online', () => (this.online = true));
    addEventListener('offline', () => (this.online = false));
  }

  get waiting(): Queued[] {
    return this.rows.filter(({ state }) => state === 'waiting');
  }

  get mine(): Queued[] {
    return this.waiting.filter(isMine);
  }

  get attention(): Queued[] {
    return this.rows.filter(({ state }) => state !== 'waiting');
  }
}

export const line = new Line();

/** Whether it goes under this login: what nobody is known to have written goes under any. */
export function ofLogin({ by }: Queued, login: string | undefined): boolean {
  return by === null || by === login;
}

/** Whether it may be sent now: a citizen's entry needs nobody signed in. */
export function isMine(row: Queued): boolean {
  return row.way !== 'field' || ofLogin(row, session.known?.login);
}

export function all(): Promise<Queued[]> {
  return within('queue', 'readonly', (store) => store.getAll() as IDBRequest<Queued[]>);
}

export async function refresh(): Promise<void> {
  line.rows = await all();
  line.read = true;
}

/** Another page of this phone may have the same queue open. */
const channel = 'BroadcastChannel' in self ? new BroadcastChannel('lianfang-queue') : null;
channel?.addEventListener('message', () => void refresh());

async function tell(): Promise<void> {
  await refresh();
  channel?.postMessage('changed');
}

interface How {
  way?: Way;
  code?: string;
  /** Whether a tap may be taken back for some seconds. */
  undo?: boolean;
  /** When it happened, by a better clock than the phone's. */
  at?: number;
}

/** Writes down what happened; done once it is safe on this phone. */
export async function add(what: Happening, title: string, how: How = {}): Promise<FieldEntry> {
  const now = Date.now();
  const entry: FieldEntry = { id: ulid(now), at: moment(how.at ?? now), what };
  const row: Queued = {
    entry,
    way: how.way ?? 'field',
    by: session.known?.login ?? null,
    title,
    notBefore: how.undo ? now + UNDO_MS : 0,
    state: 'waiting',
  };
  if (how.code) row.code = how.code;
  await within('queue', 'readwrite', (store) => store.add(row));
  await tell();
  added.dispatchEvent(new Event('added'));
  return entry;
}

/** Takes an entry back that has not been sent. */
export async function undo(id: string): Promise<boolean> {
  const row = (await all()).find(({ entry }) => entry.id === id);
  if (!row || row.notBefore < Date.now()) return false;
  await remove([row]);
  return true;
}

export async function remove(rows: Queued[]): Promise<void> {
  await within('queue', 'readwrite', (store) => rows.forEach(({ place }) => store.delete(place!)));
  await tell();
}

export async function put(rows: Queued[]): Promise<void> {
  await within('queue', 'readwrite', (store) => plain(rows).forEach((row) => store.put(row)));
  await tell();
}
