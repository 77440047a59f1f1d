import { session } from '$lib/state/session.svelte';
import { route } from '$lib/state/route.svelte';

export const views = ['rules', 'versions', 'try'] as const;
export type View = (typeof views)[number];

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view) ?? 'rules';
}

/** The clock of the jurisdiction, as the server writes its moments: `+08:00`. */
export function offsetOf(moment: string): string {
  return /[+-]\d{2}:\d{2}$/.exec(moment)?.[0] ?? '+00:00';
}

/** Whether the reader has to do with proposals at all. */
export function concerned(): boolean {
  return session.may('propose_policy') || session.may('approve_policy');
}
