import { api, take } from '$lib/api/client';
import type { AreaDetail } from '$lib/api/types';

import { Resource } from './resource.svelte';
import { href, type Params } from './href';
import { route } from './route.svelte';
import { session } from './session.svelte';

/** What stands open beside a list, by its name in the address. */
const OPENED = [
  'case',
  'contact',
  'matter',
  'account',
  'entrant',
  'handover',
  'gate',
  'order',
  'site',
  'holder',
];

/** Where in the tree, and on which morning, the reader stands: both are in the address. */
class Place {
  readonly detail = new Resource<AreaDetail>();
  #lastDate = $state<string | null>(null);

  get area(): string {
    return route.get('area') ?? session.me?.home.code ?? '';
  }

  get today(): string {
    return session.me?.today ?? '';
  }

  /** The morning asked for, or null for the newest. */
  get date(): string | null {
    const date = route.get('date');
    return date !== null && date < this.today ? date : null;
  }

  rememberDate(): void {
    this.#lastDate = this.date;
  }

  /** A room's address for the same area; morning, surveillance and foresight also keep its date. */
  room(path: string, params: Params = {}): string {
    const dated = ['/morning', '/surveillance', '/foresight'].includes(path);
    const date = dated ? this.#lastDate : null;
    return href(path, { area: route.get('area'), date, ...params });
  }

  /** The same room for another area, without what was open for the old one. */
  elsewhere(area: string): string {
    return route.with({ area, ...Object.fromEntries(OPENED.map((name) => [name, null])) });
  }

  load(): void {
    const code = this.area;
    if (code !== '')
      void this.detail.load(() => take(api.GET('/api/areas/{code}', { params: { path: { code } } })));
  }
}

export const place = new Place();
