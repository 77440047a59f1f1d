import type { ForecastTarget } from '$lib/api/types';
import { route } from '$lib/state/route.svelte';
import { session } from '$lib/state/session.svelte';

export const views = ['forecasts', 'record', 'whatif'] as const;
export type View = (typeof views)[number];

export const targets: ForecastTarget[] = ['new_cases', 'arrivals', 'patients', 'quarantined', 'samples'];

/** New cases, unless something else is asked for. */
export function targetInAddress(): ForecastTarget {
  const target = route.get('target');
  return targets.find((each) => each === target) ?? 'new_cases';
}

/** Packs are tried by those who plan them. */
export function mayEnter(view: View): boolean {
  return view !== 'whatif' || session.may('propose_policy');
}

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view && mayEnter(each)) ?? 'forecasts';
}
