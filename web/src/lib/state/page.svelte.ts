import { ApiError } from '$lib/api/client';

interface Slice<T> {
  rows: T[];
  /** Left out where counting would cost more than it tells. */
  total?: number;
  next?: string | null;
}

/** A list read slice by slice: a new question starts it over, `more` appends. */
export class PagedList<T> {
  rows = $state.raw<T[]>([]);
  total = $state<number | null>(null);
  next = $state<string | null>(null);
  loading = $state(false);
  /** Whether an answer has come at all. */
  loaded = $state(false);
  error = $state.raw<ApiError | null>(null);
  #asked = 0;
  #ask: (cursor?: string) => Promise<Slice<T>> = () => Promise.reject(new ApiError(0, { code: 'offline' }));

  load(ask: (cursor?: string) => Promise<Slice<T>>): Promise<void> {
    this.#ask = ask;
    return this.#fetch(undefined);
  }

  more(): Promise<void> {
    return this.next === null ? Promise.resolve() : this.#fetch(this.next);
  }

  reload(): Promise<void> {
    return this.#fetch(undefined);
  }

  async #fetch(cursor: string | undefined): Promise<void> {
    const mine = ++this.#asked;
    this.loading = true;
    try {
      const slice = await this.#ask(cursor);
      if (mine !== this.#asked) return;
      this.rows = cursor === undefined ? slice.rows : [...this.rows, ...slice.rows];
      this.total = slice.total ?? null;
      this.loaded = true;
      this.next = slice.next ?? null;
      this.error = null;
    } catch (error) {
      if (mine !== this.#asked) return;
      if (!(error instanceof ApiError)) throw error;
      this.error = error;
    } finally {
      if (mine === this.#asked) this.loading = false;
    }
  }
}

/** A cursor for those lists of which it is a place by number. */
export function offset(cursor: string | undefined): number | undefined {
  return cursor === undefined ? undefined : Number(cursor);
}
