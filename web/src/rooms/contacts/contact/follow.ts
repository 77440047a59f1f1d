import { api, take } from '$lib/api/client';
import type { NewFollowUp } from '$lib/api/types';

type Sent = Partial<NewFollowUp> & Pick<NewFollowUp, 'status'>;

/** Writes down today's follow-up of a contact. */
export function follow(contact: string, what: Sent): Promise<unknown> {
  const body = what as NewFollowUp;
  return take(api.POST('/api/contacts/{contact}/follow-ups', { params: { path: { contact } }, body }));
}
