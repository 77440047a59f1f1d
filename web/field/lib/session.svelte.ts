import { get, NetError, post } from './net';
import type { Me, Named } from './types';

const KEY = 'lianfang.field.me';

/** Who signed in on this phone last: known without a network too. */
interface Known {
  login: string;
  name: string;
  home: Named;
  /** Where they hold a role. */
  areas?: Named[];
}

function remembered(): Known | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Known | null;
  } catch {
    return null;
  }
}

class Session {
  known = $state<Known | null>(remembered());
  /** Whether the server said that nobody is signed in. */
  out = $state(false);
  csrf = '';

  /** Asks the server; without a network, who is known stays. */
  async restore(): Promise<boolean> {
    try {
      this.#set(await get<Me>('/api/session'));
      return true;
    } catch (error) {
      if (error instanceof NetError && error.status === 401) this.out = true;
      return false;
    }
  }

  async signIn(login: string, password: string): Promise<Me> {
    const me = await post<Me>('/api/session', { login, password });
    this.#set(me);
    return me;
  }

  #set({ login, name, home, grants, csrf }: Me): void {
    this.known = { login, name, home, areas: grants.map(({ area }) => area) };
    this.out = false;
    this.csrf = csrf;
    localStorage.setItem(KEY, JSON.stringify(this.known));
  }
}

export const session = new Session();
