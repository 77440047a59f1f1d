import { route } from '$lib/state/route.svelte';

export const views = ['holders', 'counter', 'appeals', 'keys'] as const;
export type View = (typeof views)[number];

export function viewInAddress(): View {
  const view = route.get('view');
  return views.find((each) => each === view) ?? 'holders';
}
