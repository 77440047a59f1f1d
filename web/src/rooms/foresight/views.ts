import { route } from '$lib/state/route.svelte';
import { session } from '$lib/state/session.svelte';

export const views = ['forecasts', 'record', 'whatif'] as const;
export type View = (typeof views)[number];

/** Packs are tried by those who plan them. */
export function mayEnter(view: View): boolean {
  return view !== 'whatif' || session.may('propose_policy');
}

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view && mayEnter(each)) ?? 'forecasts';
}
