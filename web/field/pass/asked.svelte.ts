import { ulid } from '$lib/ulid';

import { NetError, post } from '../lib/net';
import { c, say } from '../lib/words.svelte';

/** Something that is sent while somebody waits for the answer: sent again under the same id, unless it is changed. */
export class Asked {
  busy = $state(false);
  problem = $state('');
  #id = '';
  #last = '';

  async send<T>(path: string, body: (id: string) => unknown): Promise<T | null> {
    const same = JSON.stringify(body(''));
    if (same !== this.#last) this.#id = ulid();
    this.#last = same;
    this.busy = true;
    this.problem = '';
    try {
      const answer = await post<T>(path, body(this.#id));
      this.#last = '';
      return answer;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      const { message } = error.problem;
      this.problem = error.offline ? c().noNetwork : message ? say(message) : c().failed;
      return null;
    } finally {
      this.busy = false;
    }
  }
}
