import type { Named } from '../../../field/lib/types';

import { prefs } from '$lib/state/prefs.svelte';

const CODE = /^\d{6}/;
const COUNTRY = /^[A-Z]{2}$/;
const LEVELS = [6, 4, 2];
const CODE_LENGTH = 6;

/** Names of the places where people come from: fetched when the first is asked for. */
class Origins {
  #places = $state.raw<Map<string, Named> | null>(null);
  #asked = false;

  /** A province, a city, a country; the code itself while or where there is no name. */
  name(code: string): string {
    if (COUNTRY.test(code)) {
      const names = new Intl.DisplayNames([prefs.lang === 'zh' ? 'zh-Hans' : 'en'], { type: 'region' });
      return names.of(code) ?? code;
    }
    const found = CODE.test(code) ? this.#nearest(code) : undefined;
    if (!found) return code;
    return prefs.lang === 'en' ? (found.name_en ?? String(found.name)) : String(found.name);
  }

  #nearest(code: string): Named | undefined {
    if (this.#places === null) {
      void this.#load();
      return undefined;
    }
    const codes = LEVELS.map((digits) => code.slice(0, digits).padEnd(CODE_LENGTH, '0'));
    return codes.map((each) => this.#places?.get(each)).find((place) => place !== undefined);
  }

  async #load(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    const { places } = await import('../../../field/lib/places');
    this.#places = new Map(places.map((place) => [place.code, place]));
  }
}

export const origins = new Origins();
