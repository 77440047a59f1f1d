/** The state of somebody who announced themselves or is under watch, opened by their code. */

import { codeIn } from '../lib/codes';
import { forget, keep, kept } from '../lib/db';
import { NetError, post } from '../lib/net';
import type { Standing } from '../lib/types';

const CODE = 'me:code';
const STATE = 'me:state';

interface Kept {
  at: string;
  standing: Standing;
}

class Mine {
  code = $state('');
  standing = $state.raw<Standing | null>(null);
  at = $state('');
  fresh = $state(false);
  problem = $state<'' | 'unknown' | 'offline' | 'failed'>('');

  /** The code stands after the `#`, which no browser sends to a server; it is taken out of the address at once. */
  async open(): Promise<void> {
    const given = codeIn(location.hash.slice(1));
    if (location.hash) history.replaceState(null, '', location.pathname);
    const remembered = await kept<string>(CODE);
    if (given && given !== remembered) await forget(STATE);
    const code = given ?? remembered;
    if (code) await this.use(code);
    addEventListener('online', () => void this.refresh());
  }

  async use(code: string): Promise<void> {
    this.code = code;
    await keep(CODE, code);
    const last = await kept<Kept>(STATE);
    if (last) {
      this.standing = last.standing;
      this.at = last.at;
    }
    await this.refresh();
  }

  async refresh(): Promise<void> {
    if (!this.code) return;
    try {
      this.standing = await post<Standing>('/api/me', { code: this.code });
      this.at = new Date().toISOString();
      this.fresh = true;
      this.problem = '';
      await keep(STATE, { at: this.at, standing: this.standing });
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.fresh = false;
      if (error.offline) this.problem = 'offline';
      else if (error.status >= 500) this.problem = 'failed';
      else await this.#unknown();
    }
  }

  async #unknown(): Promise<void> {
    await this.leave();
    this.problem = 'unknown';
  }

  async leave(): Promise<void> {
    this.code = '';
    this.standing = null;
    this.problem = '';
    await Promise.all([forget(CODE), forget(STATE)]);
  }
}

export const mine = new Mine();
