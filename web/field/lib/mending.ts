/** What becomes of an entry that the server refuses: mended or dropped, never lost. */

import { ulid } from '$lib/ulid';

import { keep } from './db';
import { added, put, remove, type Queued } from './queue.svelte';
import type { Happening } from './types';

/** Gives an entry up that the server refuses, and keeps on record that it was, and why. */
export async function drop(row: Queued, reason: string): Promise<void> {
  const gone = {
    id: row.entry.id,
    at: row.entry.at,
    kind: row.entry.what.kind,
    code: row.refusal?.code,
    reason,
  };
  await keep(`dropped:${row.entry.id}`, gone);
  await remove([row]);
}

/** Sends a mended entry: it is another one now, with an id of its own. */
export async function mend(row: Queued, what: Happening): Promise<void> {
  await remove([row]);
  const mended: Queued = {
    ...row,
    entry: { ...row.entry, id: ulid(), what },
    state: 'waiting',
    notBefore: 0,
  };
  delete mended.place;
  delete mended.refusal;
  await put([mended]);
  added.dispatchEvent(new Event('added'));
}
