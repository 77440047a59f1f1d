/** The list of keys that passes are verified against, kept on the phone and renewed whenever there is a line. */

import { keep, kept } from '../../lib/db';
import type { components } from '$lib/api/schema';

export type Key = components['schemas']['KeyShown'];

export interface List {
  keys: Key[];
  /** When it was fetched, by the server's clock: milliseconds since 1970. */
  at: number;
  /** How far the server's clock is ahead of the phone's, in milliseconds. */
  ahead: number;
}

const NAME = 'pass-keys';
const RENEW_MS = 5 * 60_000;
const PATIENCE_MS = 20_000;
/** Of the clock in an answer's head. */
const SECOND_MS = 1_000;

let list: List | undefined;

/** The list that was fetched last. */
export async function trusted(): Promise<List | undefined> {
  return (list ??= await kept<List>(NAME));
}

async function renew(): Promise<void> {
  const asked = Date.now();
  try {
    const answer = await fetch('/api/pass-keys', {
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) return;
    const keys = (await answer.json()) as Key[];
    const came = Date.now();
    // The server's second lies somewhere between the question and the answer.
    const told = Date.parse(answer.headers.get('date') ?? '');
    const early = told - came;
    const late = told + SECOND_MS - asked;
    const ahead = Number.isNaN(told) || (early <= 0 && late >= 0) ? 0 : (early + late) / 2;
    list = { keys, at: came + ahead, ahead };
  } catch {
    // There will be a line again.
    return;
  }
  await keep(NAME, list);
}

/** Now, by the server's clock as far as the phone knows it, in milliseconds since 1970. */
export function now(): number {
  return Date.now() + (list?.ahead ?? 0);
}

let keeping = false;

/** From now on the list is as new as the line allows. */
export function keepTrust(): void {
  if (keeping) return;
  keeping = true;
  void trusted().then(renew);
  setInterval(() => void renew(), RENEW_MS);
  addEventListener('online', () => void renew());
}
