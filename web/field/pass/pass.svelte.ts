/** The pass of whoever holds this phone, and of those whom their code looks after. */

import { codeIn } from '../lib/codes';
import { forget, keep, kept } from '../lib/db';
import { NetError, post } from '../lib/net';
import type { MyPass } from './types';

const CODE = 'pass:code';
const STATES = 'pass:states';
const FRESH_MS = 10 * 60_000;
const AGAIN_MS = 60_000;
const TICK_MS = 1_000;

interface Kept {
  at: string;
  pass: MyPass;
}

class Holder {
  /** The holder's own code. */
  own = $state('');
  /** The code whose pass is shown: their own, or a member's. */
  code = $state('');
  states = $state.raw<Record<string, Kept>>({});
  /** Whether what is shown was asked for since the page was opened, and no request failed since. */
  fresh = $state(false);
  problem = $state<'' | 'unknown' | 'over' | 'offline' | 'failed'>('');
  asking = $state(false);
  /** Where the asker lives, as a poster's link says. */
  area = $state('');
  now = $state(Date.now());
  #tried = 0;

  get pass(): MyPass | null {
    return this.states[this.code]?.pass ?? null;
  }

  get at(): string {
    return this.states[this.code]?.at ?? '';
  }

  /** Whether the pass that is shown holds no more, by this phone's clock. */
  get expired(): boolean {
    const until = this.pass?.pass?.expires_at;
    return until != null && Date.parse(until) <= this.now;
  }

  /** The code stands after the `#`, which no browser sends to a server; it is taken out of the address at once. */
  async open(): Promise<void> {
    addEventListener('hashchange', () => void this.#linked());
    addEventListener('online', () => void this.refresh());
    document.addEventListener('visibilitychange', () => this.#tick());
    setInterval(() => this.#tick(), TICK_MS);
    await this.#linked();
    if (this.own) return;
    const remembered = await kept<string>(CODE);
    if (remembered && !this.own) await this.use(remembered);
  }

  async #linked(): Promise<void> {
    const said = location.hash.slice(1);
    if (location.hash) history.replaceState(null, '', location.pathname);
    if (/^\d{6,15}$/.test(said)) this.area = said;
    const given = codeIn(said);
    if (given) await this.use(given);
  }

  /** Time goes on; what is older than ten minutes is asked for again while somebody looks at it. */
  #tick(): void {
    this.now = Date.now();
    if (!this.code || document.visibilityState !== 'visible') return;
    const old = this.now - Date.parse(this.at || '1970-01-01') > FRESH_MS || this.expired;
    if (old && this.now - this.#tried > AGAIN_MS) void this.refresh();
  }

  /** Makes a code this phone's own; what was kept of another one goes. */
  async use(code: string): Promise<void> {
    if ((await kept<string>(CODE)) !== code) await forget(STATES);
    this.states = (await kept<Record<string, Kept>>(STATES)) ?? {};
    await keep(CODE, code);
    this.own = this.code = code;
    this.asking = this.fresh = false;
    await this.refresh();
  }

  /** Shows the pass of one of the family, or the holder's own again. */
  async look(code: string): Promise<void> {
    this.code = code;
    this.fresh = false;
    scrollTo(0, 0);
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const { code } = this;
    if (!code) return;
    this.#tried = Date.now();
    try {
      const pass = await post<MyPass>('/api/pass', { code, show: true });
      if (this.own === '') return;
      this.now = Date.now();
      this.states = { ...this.states, [code]: { at: new Date().toISOString(), pass } };
      await keep(STATES, this.states);
      if (code === this.code) {
        this.fresh = true;
        this.problem = '';
      }
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (code !== this.code) return;
      this.fresh = false;
      if (error.offline) this.problem = 'offline';
      else if (error.status !== 404) this.problem = 'failed';
      else if (code !== this.own) await this.look(this.own);
      else await this.leave('unknown');
    }
  }

  /** Ends the code that is shown, for ever. */
  async end(): Promise<void> {
    await post('/api/pass/end', { code: this.code });
    if (this.code === this.own) await this.leave('over');
    else await this.look(this.own);
  }

  /** Forgets the code and all that was kept of it. */
  async leave(problem: Holder['problem'] = ''): Promise<void> {
    this.own = this.code = '';
    this.states = {};
    this.problem = problem;
    await Promise.all([forget(CODE), forget(STATES)]);
  }
}

export const holder = new Holder();
