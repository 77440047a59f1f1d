import { api, ApiError, take } from '$lib/api/client';
import type { ContactAnswer, NewContact, PersonGiven } from '$lib/api/types';

type Sent = Omit<Partial<NewContact>, 'given'> &
  Pick<NewContact, 'area' | 'channel' | 'met' | 'setting'> & { given?: Partial<PersonGiven> };

/** Names contacts of a case, each for itself. */
export function nameContacts(id: string, contacts: Sent[]): Promise<ContactAnswer[]> {
  const body = contacts as NewContact[];
  return take(api.POST('/api/cases/{case}/contacts', { params: { path: { case: id } }, body }));
}

/** The same for one: a refusal is thrown as every other. */
export async function nameContact(id: string, contact: Sent): Promise<ContactAnswer> {
  const [answer] = await nameContacts(id, [contact]);
  if (!answer) throw new ApiError(500, {});
  if (answer.result === 'refused' && !answer.alike?.length) throw new ApiError(422, answer.refusal ?? {});
  return answer;
}
