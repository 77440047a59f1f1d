/** A pass is shown at the gate: answered by the server where there is a line, by the phone where there is none. */

import { withSession } from '../../lib/drain';
import { post } from '../../lib/net';
import { add, line } from '../../lib/queue.svelte';
import { session } from '../../lib/session.svelte';
import type { Text } from '../../lib/types';
import { word } from '../../lib/words.svelte';
import type { Colour } from '../../pass/types';
import type { components } from '$lib/api/schema';
import { gate } from '../gate.svelte';
import { f, w } from '../words';
import { read, Refused, verify, type Read } from './read';
import { now, trusted } from './trust';

type Told = components['schemas']['ScanAnswer'];

/** What becomes of the visit: written down, waiting on the phone, not taken, or none is made. */
export type Visit = 'written' | 'waits' | 'not_taken' | 'none';

export interface Answer {
  /** None where the pass is refused. */
  colour: Colour | null;
  reason: string | null;
  /** What the server says of it. */
  why: Text | null;
  /** What the code says, where it could be read. */
  pass: Read | null;
  /** A neighbour's pass. */
  neighbour: boolean;
  visit: Visit;
  /** Whether the server answered, or the phone. */
  by: 'server' | 'phone';
  /** When the list of keys was fetched that the phone went by. */
  listAt: number | null;
  /** When this very pass was shown at this phone before. */
  before: number | null;
  at: number;
}

/** Nobody at a gate waits longer for an answer; what comes later than that is sent again, and counts once. */
const PATIENCE_MS = 2_500;

const shownBefore = new Map<string, number>();

async function ask(code: string, place: string, at: number): Promise<Told | null> {
  if (!line.online) return null;
  const scan = { code, place, at: new Date(at).toISOString() };
  const asked = withSession(() => post<Told>('/api/scans', scan, session.csrf)).catch(() => null);
  return Promise.race([asked, new Promise<null>((done) => setTimeout(done, PATIENCE_MS, null))]);
}

/** What the server knows holds: of changes and copies a phone knows nothing. */
function told(answer: Answer, said: Told): Answer {
  const { result, colour = null, reason = null, why = null } = said;
  const holds = result === 'valid' || result === 'neighbour' || result === 'no_visit';
  return {
    ...answer,
    by: 'server',
    colour: holds ? colour : null,
    reason: result === 'replayed' ? result : reason,
    why,
    neighbour: result === 'neighbour',
    visit: said.taken ? 'written' : result === 'no_visit' ? 'not_taken' : 'none',
  };
}

/** The phone's own answer; a pass that holds is kept to be sent. */
async function own(answer: Answer, pass: Read, code: string, place: string): Promise<Answer> {
  const list = await trusted();
  const listAt = list?.at ?? null;
  try {
    const key = await verify(pass, list?.keys, answer.at / 1000);
    const title = w().gate.entryTitle(word(f().flow.passes, pass.colour), `${pass.name} ${pass.digits}`);
    // A neighbour's visits are written nowhere, as the server answers too.
    if (key.own) await add({ kind: 'scan', code, place, colour: pass.colour }, title, { at: answer.at });
    return {
      ...answer,
      colour: pass.colour,
      neighbour: !key.own,
      visit: key.own ? 'waits' : 'none',
      listAt,
    };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...answer, reason: error.reason, listAt };
  }
}

/** What comes of a code that was scanned or typed. */
export async function shown(code: string): Promise<Answer> {
  await trusted();
  const at = now();
  const answer: Answer = {
    colour: null,
    reason: null,
    why: null,
    pass: null,
    neighbour: false,
    visit: 'none',
    by: 'phone',
    listAt: null,
    before: null,
    at,
  };
  try {
    answer.pass = await read(code);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...answer, reason: error.reason };
  }
  const { pass } = answer;
  answer.before = shownBefore.get(pass.id) ?? null;
  shownBefore.set(pass.id, at);
  const place = gate.kit?.checkpoint.checkpoint ?? '';
  const said = await ask(code, place, at);
  return said ? told(answer, said) : own(answer, pass, code, place);
}
