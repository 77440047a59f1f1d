import { route } from '$lib/state/route.svelte';

export const views = ['list', 'due'] as const;
export type View = (typeof views)[number];

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view) ?? 'list';
}
