import { route } from '$lib/state/route.svelte';

export const views = ['mine', 'area', 'late', 'all'] as const;
export type View = (typeof views)[number];

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view) ?? 'mine';
}

export const phases = ['open', 'doing', 'done', 'closed', 'cancelled'] as const;
export type Phase = (typeof phases)[number];

export function phaseInAddress(): Phase | undefined {
  const phase = route.get('phase');
  return phases.find((each) => each === phase);
}
