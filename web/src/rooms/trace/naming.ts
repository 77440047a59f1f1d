import type { TracedContact } from '$lib/api/types';
import { ulid } from '$lib/ulid';

import { nameContacts } from '../cases/detail/naming';

export interface Naming {
  taken: number;
  repeated: number;
  why: { en: string; zh: string }[];
  /** The contact that somebody now is, by person and case. */
  named: Map<string, string>;
}

const AT_ONCE = 500;

/** Names people of a trace as contacts, case by case; those of the first order before those whom they met. */
export async function nameTraced(people: TracedContact[]): Promise<Naming> {
  const done: Naming = { taken: 0, repeated: 0, why: [], named: new Map() };
  const byCase = new Map<string, TracedContact[]>();
  for (const one of [...people].sort((a, b) => a.order - b.order)) {
    const id = one.as_contact?.case;
    if (id) byCase.set(id, [...(byCase.get(id) ?? []), one]);
  }
  for (const [id, all] of byCase) {
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = all.slice(from, from + AT_ONCE);
      const answers = await nameContacts(
        id,
        some.map(({ person, as_contact }) => ({
          id: ulid(),
          person,
          channel: 'visits' as const,
          area: as_contact!.area,
          met: as_contact!.met,
          setting: as_contact!.setting,
          minutes: as_contact!.minutes ?? null,
          same_room: as_contact!.same_room,
          through: as_contact!.through ?? null,
        })),
      );
      answers.forEach((answer, index) => {
        if (answer.result === 'taken') done.taken++;
        else if (answer.result === 'repeated') done.repeated++;
        else if (answer.refusal) done.why.push(answer.refusal.message);
        if (answer.contact) done.named.set(`${some[index]!.person} ${id}`, answer.contact);
      });
    }
  }
  return done;
}
