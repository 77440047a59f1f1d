import type { Moves, PolicyPreview } from '$lib/api/types';
import { say, t } from '$lib/i18n';
import { count } from '$lib/i18n/format';

export function movesText(moves: Moves[]): string {
  const words = t().policy;
  return moves
    .map(
      (move) =>
        `${words.move(say(move.from_name), say(move.to_name))}${t().common.colon}${count(move.count)}`,
    )
    .join(t().common.listComma);
}

/** The whole of it in one sentence each: what an approver must have read. */
export function peopleText({ pass }: PolicyPreview): string {
  const words = t().policy;
  return pass.changed === 0
    ? words.nobody(count(pass.total))
    : words.ofPeople(count(pass.changed), count(pass.total));
}

export function areasText({ risk }: PolicyPreview): string {
  const words = t().policy;
  return risk.changed === 0
    ? words.noAreas(count(risk.total))
    : words.ofAreas(count(risk.changed), count(risk.total));
}
