import { api, setCsrf, take, whenSignedOut } from '$lib/api/client';
import type { Me, Right } from '$lib/api/types';

class Session {
  me = $state<Me | null>(null);
  ready = $state(false);
  /** Whether a session ran out under its user's hands. */
  ended = $state(false);

  constructor() {
    whenSignedOut(() => {
      this.ended = this.me !== null;
      this.#set(null);
    });
  }

  async restore(): Promise<void> {
    try {
      this.#set(await take(api.GET('/api/session')));
    } catch {
      this.#set(null);
    }
    this.ready = true;
  }

  /** The same anew, such as on another day; what cannot be had now stays as it is. */
  async refresh(): Promise<void> {
    try {
      this.#set(await take(api.GET('/api/session')));
    } catch {
      // Whoever is signed out hears of it with the next request.
    }
  }

  async signIn(login: string, password: string): Promise<void> {
    this.ended = false;
    this.#set(await take(api.POST('/api/session', { body: { login, password } })));
  }

  async signOut(): Promise<void> {
    await take(api.DELETE('/api/session'));
    this.#set(null);
  }

  async changePassword(old: string, fresh: string): Promise<void> {
    await take(api.POST('/api/session/password', { body: { old, new: fresh } }));
    await this.restore();
  }

  may(right: Right): boolean {
    return this.me?.rights.includes(right) ?? false;
  }

  #set(me: Me | null): void {
    this.me = me;
    setCsrf(me?.csrf ?? null);
  }
}

export const session = new Session();
