import { api, ApiError, take } from '$lib/api/client';
import type { EntryAnswer, FieldEntry, Happening } from '$lib/api/types';
import { explain } from '$lib/ui/notice/explain';
import { ulid } from '$lib/ulid';

import { now } from './now';

async function write(entry: FieldEntry): Promise<EntryAnswer> {
  const { answers } = await take(api.POST('/api/field', { body: { entries: [entry] } }));
  const [answer] = answers;
  if (!answer) throw new ApiError(500, {});
  if (answer.result === 'refused') throw new ApiError(422, answer.refusal ?? {});
  return answer;
}

const REFUSED = 422;

/** Something that somebody does here: busy while it is on its way, with the refusal where there is one. */
export class Deed {
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Sent, and no answer came: sent again it is the same entry, so that it is written once. */
  #unanswered: FieldEntry | null = null;

  /** What was written down, or null where it was not: then `error` says why. */
  async do(what: Happening): Promise<EntryAnswer | null> {
    if (this.busy) return null;
    this.busy = true;
    this.error = null;
    const again = this.#unanswered;
    const same = again && JSON.stringify(again.what) === JSON.stringify(what);
    const entry = same ? again : { id: ulid(), at: now(), what };
    this.#unanswered = entry;
    try {
      const answer = await write(entry);
      this.#unanswered = null;
      return answer;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      if (caught.status === REFUSED) this.#unanswered = null;
      this.error = caught;
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** The refusal, if it is about this field. */
  wrong(field: string): string | null {
    return this.error?.field === field ? explain(this.error) : null;
  }

  /** The refusal, if it is about none of these. */
  otherwise(...fields: string[]): string | null {
    return this.error && !fields.includes(this.error.field ?? '') ? explain(this.error) : null;
  }
}
