import type { PassColour } from '$lib/api/types';
import { route } from '$lib/state/route.svelte';

export const colours: PassColour[] = ['green', 'yellow', 'red'];
export const filterNames = ['colour'] as const;

/** The colour that the address asks for; what is no colour is passed over. */
export function colourInAddress(): PassColour | undefined {
  const asked = route.get('colour');
  return colours.find((colour) => colour === asked);
}
