import { api, take } from '$lib/api/client';
import type { MatterKind } from '$lib/api/types';
import { Resource } from '$lib/state/resource.svelte';

/** The policy's kinds of matters: read once, for they change only with the policy. */
export const kinds = new Resource<MatterKind[]>();

export async function loadKinds(): Promise<void> {
  if (kinds.data === null) await kinds.load(async () => (await take(api.GET('/api/matters/kinds'))).kinds);
}
