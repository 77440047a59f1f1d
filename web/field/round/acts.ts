/** What is done at a door: written down, marked on the list, and back to the list. */

import { decimal } from '$lib/i18n/format';

import { add } from '../lib/queue.svelte';
import { toast } from '../lib/toast.svelte';
import type { Happening, Household, Need, RoundPerson } from '../lib/types';
import { walk } from './round.svelte';
import { f } from './words';

type Marked = 'check' | 'sample' | 'release' | 'absent' | 'back' | 'visit';

async function act(what: Happening, said: string, about: string, marked?: Marked, people = 0): Promise<void> {
  const { id } = await add(what, said, { undo: true });
  if (marked) await walk.mark(id, about, marked, people);
  walk.toList();
  toast.show(said, id, () => void walk.unmark(id));
}

const named = ({ door, name }: RoundPerson): string => `${door ?? ''} ${name ?? ''}`.trim();

export function check(person: RoundPerson, temperature: number, symptoms: string[]): Promise<void> {
  const what = { kind: 'check', order: person.order, temperature, symptoms, by: 'staff' } as const;
  return act(what, f().work.checked(named(person), decimal(temperature, 1)), person.order, 'check');
}

export function sample(person: RoundPerson): Promise<void> {
  const { order } = person;
  return act({ kind: 'sample', order }, f().work.sampled(named(person)), order, 'sample');
}

export function release(person: RoundPerson): Promise<void> {
  const { order } = person;
  return act({ kind: 'release', order }, f().work.released(named(person)), order, 'release');
}

export function absent(person: RoundPerson): Promise<void> {
  const { order } = person;
  const what = { kind: 'absent', order, how: 'not_at_home' } as const;
  return act(what, f().work.reportedAbsent(named(person)), order, 'absent');
}

export function back(person: RoundPerson): Promise<void> {
  const { order } = person;
  return act({ kind: 'back', order }, f().work.reportedBack(named(person)), order, 'back');
}

export function need(person: RoundPerson, need: Need, text: string): Promise<void> {
  const { order } = person;
  return act({ kind: 'needs', order, need, text }, f().work.needed(named(person)), order);
}

export function visit({ household, door }: Household, people: number): Promise<void> {
  return act(
    { kind: 'visit', household, people },
    f().work.visited(door ?? '', people),
    household,
    'visit',
    people,
  );
}
