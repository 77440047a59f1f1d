import { ApiError } from '$lib/api/client';
import { explain } from '$lib/ui/notice/explain';
import { ulid } from '$lib/ulid';

const NO_ANSWER = 0;

/** Something that is sent with an id of its own: busy while it is on its way, with the refusal where there is one. */
export class Act {
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Sent, and no answer came: the same again has the same id, so that it is written once. */
  #unanswered: { id: string; what: string } | null = null;

  /** What the server answered, or null where it did not take it: then `error` says why. */
  async do<T>(what: unknown, send: (id: string) => Promise<T>): Promise<T | null> {
    if (this.busy) return null;
    this.busy = true;
    this.error = null;
    const said = JSON.stringify(what);
    const id = this.#unanswered?.what === said ? this.#unanswered.id : ulid();
    this.#unanswered = { id, what: said };
    try {
      const answer = await send(id);
      this.#unanswered = null;
      return answer;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      if (caught.status !== NO_ANSWER) this.#unanswered = null;
      this.error = caught;
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** Whether it was taken, where the server has nothing to answer. */
  async done(what: unknown, send: (id: string) => Promise<unknown>): Promise<boolean> {
    const answer = await this.do(what, async (id) => {
      await send(id);
      return true as const;
    });
    return answer !== null;
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
