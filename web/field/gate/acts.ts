/** What is done at the gate, and written down. */

import { plain } from '../lib/plain';
import { add } from '../lib/queue.svelte';
import { toast } from '../lib/toast.svelte';
import type { Circumstances, Coming, PersonGiven, ReceiverWord, Resident, Triage } from '../lib/types';
import { m, word } from '../lib/words.svelte';
import { decided, learnt, residentRule } from './evidence';
import { gate } from './gate.svelte';
import { unseen } from './unseen';
import { f, w } from './words';

/** How many of the newest checks the measured time is the mean of. */
const TIMED = 20;
/** Longer than this and the phone lay on the desk. */
const LONGEST_SECONDS = 3600;

type Who = { entrant: string; circumstances?: Circumstances } | { person: PersonGiven; coming: Coming };

function who(): Who {
  const { known } = gate;
  const entrant = known?.entrant ?? gate.announcedId;
  if (entrant) {
    const more = learnt(known ?? unseen().circumstances, gate.seen);
    return { entrant, ...(more && { circumstances: plain(more) }) };
  }
  const coming = plain(gate.coming ?? gate.newJourney());
  coming.party = gate.party;
  coming.circumstances = plain(gate.seen.circumstances);
  if (gate.bound) coming.bound_for = gate.bound.code;
  return { person: plain(gate.given), coming };
}

let deciding = false;

/** The temperature's last digit, or that there is none: decided on the phone, and shown once it is safe there. */
export async function decide(): Promise<void> {
  if (deciding) return;
  deciding = true;
  try {
    await writeDown();
  } finally {
    deciding = false;
  }
}

async function writeDown(): Promise<void> {
  const { kit } = gate;
  if (!kit) return;
  const seen = plain(gate.seen);
  const rule = decided(kit, gate.subject, seen);
  const seconds = Math.min(LONGEST_SECONDS, Math.max(1, Math.round((Date.now() - gate.started) / 1000)));
  const triage = rule.outcome as Triage;
  const { temperature, symptoms, pass, neighbour } = seen;
  const announced = gate.known?.entrant ?? gate.announcedId;
  const entry = await add(
    {
      kind: 'check_in',
      checkpoint: kit.checkpoint.checkpoint,
      lane: Math.min(gate.lane, kit.checkpoint.lanes),
      ...who(),
      ...(temperature !== null && { temperature }),
      symptoms,
      pass,
      ...(neighbour && { neighbour_pass: true }),
      shown: triage,
      seconds,
    },
    w().gate.entryTitle(word(m().triage, triage), gate.name),
  );
  gate.times = [...gate.times, seconds].slice(-TIMED);
  const entrant = announced ?? entry.id;
  gate.checked = new Set([...gate.checked, entrant]);
  if (triage !== 'pass' && triage !== 'turn_back') gate.members.push({ entrant, triage });
  gate.rule = rule;
  gate.screen = 'decision';
}

export interface Handing {
  receiver: ReceiverWord;
  area: string;
  site?: string;
  vehicle: string;
  escort: string;
  minutes: number;
}

/** All of the vehicle with the same decision go with one tap. */
export async function handOver(to: Handing): Promise<void> {
  const { waiting } = gate;
  await add(
    {
      kind: 'send',
      entrants: waiting.map(({ entrant }) => entrant),
      receiver: to.receiver,
      area: to.area,
      ...(to.site && { site: to.site }),
      ...(to.vehicle && { vehicle: to.vehicle }),
      ...(to.escort && { escort: to.escort }),
      expected: new Date(Date.now() + to.minutes * 60_000).toISOString(),
    },
    w().gate.entryTitle(f().flow.handOver[to.receiver], gate.name),
  );
  gate.members = gate.members.filter((member) => !waiting.includes(member));
  gate.handed = true;
}

/** Somebody who lives here goes through with one tap, unless the rules say that they stay. */
export async function passResident(resident: Resident): Promise<void> {
  const { kit } = gate;
  if (!kit) return;
  const named = `${resident.door} ${resident.name ?? ''}`;
  const rule = residentRule(kit, resident.watch);
  const { checkpoint } = kit.checkpoint;
  const seen = { kind: 'resident_pass', checkpoint, person: resident.person } as const;
  if (rule.outcome === 'pass') {
    const said = w().gate.passed(named);
    const { id } = await add(seen, said, { undo: true });
    toast.show(said, id);
    return;
  }
  gate.resident = resident;
  gate.rule = rule;
  gate.screen = 'stay';
  // Who should be in quarantine was seen here: the server makes the absence of it.
  if (resident.order) await add(seen, w().gate.reported(named));
}
