import { route } from '$lib/state/route.svelte';

export const views = ['mine', 'area', 'late', 'all'] as const;
export type View = (typeof views)[number];

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view) ?? 'mine';
}
