/** Sends what waits, in batches, whenever there is a network. Sending twice does no harm. */

import { today } from './clock';
import { keep } from './db';
import { NetError, post } from './net';
import { added, all, isMine, line, put, refresh, remove, type Queued, type Way } from './queue.svelte';
import { scanned, scanOf, type ScanAnswer } from './scans';
import { session } from './session.svelte';
import type { EntryAnswer, Refusal } from './types';

/** Far less than the server takes at once (500 entries, 2 MiB): a bad line brings the less through, the more is sent. */
const BATCH = 200;
const BATCH_BYTES = 200_000;
/** Nobody's fault: looked through and sent once more. */
const CHANGED = 503;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

let wait = FIRST_WAIT_MS;
let timer: ReturnType<typeof setTimeout> | undefined;

function later(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void drain(), ms);
}

/** Longer after each failure, and never the whole shift at one moment. */
function backOff(asked = 0): void {
  later(Math.max(asked, wait * (0.5 + Math.random())));
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

function batch(rows: Queued[]): Queued[] {
  const taken: Queued[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += new Blob([JSON.stringify(row.entry)]).size;
    if (taken.length === BATCH || (bytes > BATCH_BYTES && taken.length > 0)) break;
    taken.push(row);
  }
  return taken;
}

/** Whether the server knows us; if as another than before, what was taken out to be sent is not theirs to send. */
async function restored(): Promise<boolean> {
  const login = session.known?.login;
  const known = await session.restore();
  if (login !== undefined && login !== session.known?.login) throw new NetError(CHANGED, { code: 'changed' });
  return known;
}

/** Sends with the session's token, renewed where it is an old one. */
export async function withSession<T>(send: () => Promise<T>): Promise<T> {
  if (!session.csrf) await restored();
  try {
    return await send();
  } catch (error) {
    // The session may have been renewed elsewhere: its token with it.
    const stale = error instanceof NetError && (error.status === 401 || error.status === 403);
    if (!stale || !(await restored())) throw error;
    return send();
  }
}

/** A report tells of the day on which it arrives: one of an earlier day would tell of the wrong one. */
const LATE: Refusal = {
  code: 'late',
  message: {
    en: 'This report is of an earlier day and counts no more. Drop it, and report how you feel today.',
    zh: '这是此前某日的打卡，已不能计入。请放弃此条，并填报今日状况。',
  },
};

async function sendHealth({ entry, code }: Queued): Promise<EntryAnswer> {
  const { id, at, what } = entry;
  if (what.kind !== 'health' || today(new Date(at)) !== today()) {
    return { id, result: 'refused', refusal: LATE };
  }
  const { temperature, symptoms } = what;
  const report = { id, symptoms, ...(temperature !== undefined && { temperature }) };
  await post('/api/pass/report', { code, report });
  return { id, result: 'taken' };
}

const isScan = ({ entry }: Queued): boolean => entry.what.kind === 'scan';

async function sendScans(rows: Queued[]): Promise<EntryAnswer[]> {
  const scans = rows.map(scanOf);
  const { answers } = await withSession(() =>
    post<{ answers: ScanAnswer[] }>('/api/scans/batch', { scans }, session.csrf),
  );
  return answers.map((answer, nth) => scanned(rows[nth]!, answer));
}

async function sendAll(rows: Queued[]): Promise<EntryAnswer[]> {
  const [first] = rows;
  if (first?.way === 'declare') {
    const { answer, code } = await post<{ answer: EntryAnswer; code: string | null }>('/api/declare', {
      entry: first.entry,
    });
    if (code) await keep(`receipt:${first.entry.id}`, code);
    return [answer];
  }
  if (first?.way === 'me') {
    const answer = await post<EntryAnswer>('/api/me/entry', {
      code: first.code,
      entry: first.entry,
    });
    return [answer];
  }
  if (first?.way === 'pass') return [await sendHealth(first)];
  if (first && isScan(first)) return sendScans(rows);
  const entries = rows.map(({ entry }) => entry);
  return (await withSession(() => post<{ answers: EntryAnswer[] }>('/api/field', { entries }, session.csrf)))
    .answers;
}

/** What an answer makes of a row: gone, or kept for somebody to look at. */
async function settle(rows: Queued[], answers: EntryAnswer[]): Promise<void> {
  const by = new Map(answers.map((answer) => [answer.id, answer]));
  const done: Queued[] = [];
  const shown: Queued[] = [];
  for (const row of rows) {
    const answer = by.get(row.entry.id);
    // What was not answered for waits on.
    if (!answer) continue;
    if (answer.result === 'refused') {
      shown.push({ ...row, state: 'refused', ...(answer.refusal && { refusal: answer.refusal }) });
    } else if (answer.decision?.differs) {
      shown.push({ ...row, state: 'differs', ruling: answer.decision });
    } else done.push(row);
  }
  line.sent += done.length;
  if (shown.length > 0) await put(shown);
  if (done.length > 0) await remove(done);
}

const FORBIDDEN = 403;

/** Whether asking again would bring the same answer. Staff who are signed out sign in; a line that is down comes back. */
function isFinal(status: number, way: Way | undefined): boolean {
  if (status === 401) return way !== 'field';
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Sends these; a batch refused as a whole is halved, so that one bad entry holds up no other. */
async function send(rows: Queued[]): Promise<void> {
  try {
    await settle(rows, await sendAll(rows));
  } catch (error) {
    if (!(error instanceof NetError) || !isFinal(error.status, rows[0]?.way)) throw error;
    if (rows.length > 1 && error.status !== FORBIDDEN) {
      const half = Math.ceil(rows.length / 2);
      await send(rows.slice(0, half));
      await send(rows.slice(half));
      return;
    }
    const { code, field, message } = error.problem;
    const refusal = { code, message: message ?? { en: code, zh: code }, ...(field && { field }) };
    await put(rows.map((row) => ({ ...row, state: 'refused', refusal })));
  }
}

async function pass(): Promise<void> {
  for (;;) {
    const now = Date.now();
    const waiting = (await all()).filter(({ state }) => state === 'waiting');
    // A phone that lost its memory learns from the server who is signed in, and so whose these are.
    if (!session.csrf && !waiting.every(isMine)) await session.restore();
    const rows = waiting.filter(isMine);
    const ready = rows.filter(({ notBefore }) => notBefore <= now);
    // A citizen's entry needs nobody signed in, and so waits for nobody.
    const next = ready.find(({ way }) => way !== 'field') ?? ready[0];
    if (!next) {
      const held = Math.min(...rows.map(({ notBefore }) => notBefore));
      if (rows.length > 0) later(held - now + 1);
      return;
    }
    // A citizen's entries go one by one; those of staff together, by one door at a time.
    const alike = (row: Queued): boolean => row.way === 'field' && isScan(row) === isScan(next);
    const many = next.way === 'field' ? batch(ready.filter(alike)) : [next];
    await send(many);
    line.online = true;
    wait = FIRST_WAIT_MS;
  }
}

let running = false;

/** One at a time, over all pages of this phone. */
async function drain(): Promise<void> {
  if (running) return;
  running = true;
  try {
    if ('locks' in navigator) await navigator.locks.request('lianfang-drain', pass);
    else await pass();
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    line.online = !error.offline;
    backOff((error.problem.retry_after_seconds ?? 0) * 1000);
  } finally {
    running = false;
  }
}

export function drainNow(): void {
  wait = FIRST_WAIT_MS;
  void drain();
}

/** From now on, whatever is written down goes as soon as it can. */
export function keepDraining(): void {
  added.addEventListener('added', () => void drain());
  addEventListener('online', drainNow);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') drainNow();
  });
  void refresh().then(drainNow);
}
