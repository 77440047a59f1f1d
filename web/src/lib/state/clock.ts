import { session } from './session.svelte';

const MINUTE_MS = 60_000;

/** Minutes of the place's clock east of UTC. Times are typed and read by it, wherever the reader's machine stands. */
const offset = (): number => (session.me?.offset_minutes ?? 0) * MINUTE_MS;

/** The moment that a field of date and time holds, `2020-02-09T08:30`. */
export function momentOf(wall: string): string {
  return new Date(Date.parse(`${wall.slice(0, 16)}:00Z`) - offset()).toISOString();
}

/** A moment as such a field holds it. */
export function wallOf(moment: string): string {
  return new Date(Date.parse(moment) + offset()).toISOString().slice(0, 16);
}
