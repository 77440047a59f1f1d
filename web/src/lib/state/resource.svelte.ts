import { ApiError } from '$lib/api/client';

/** Something asked of the server: the last answer stays while the next is on its way. */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  #asked = 0;
  #again: () => Promise<T> = () => Promise.reject(new ApiError(0, { code: 'offline' }));

  async load(ask: () => Promise<T>): Promise<void> {
    this.#again = ask;
    const mine = ++this.#asked;
    this.loading = true;
    try {
      const data = await ask();
      if (mine === this.#asked) [this.data, this.error] = [data, null];
    } catch (error) {
      if (mine !== this.#asked) return;
      if (!(error instanceof ApiError)) throw error;
      this.error = error;
    } finally {
      if (mine === this.#asked) this.loading = false;
    }
  }

  retry(): Promise<void> {
    return this.load(this.#again);
  }

  clear(): void {
    this.#asked++;
    this.data = null;
    this.error = null;
    this.loading = false;
  }
}
