import { SvelteURLSearchParams } from 'svelte/reactivity';

import { href, type Params } from './href';

class Route {
  path = $state(location.pathname);
  readonly params = new SvelteURLSearchParams(location.search);

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#followLink(event));
  }

  get(name: string): string | null {
    return this.params.get(name);
  }

  go(to: string, { replace = false } = {}): void {
    const [path, area] = [this.path, this.get('area')];
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    this.#read();
    // Another page or another area begins at its top; a detail opened beside a list moves nothing.
    if (path !== this.path || area !== this.get('area')) scrollTo(0, 0);
  }

  /** Stays on the page and changes only the named parameters. */
  with(changes: Params): string {
    return href(this.path, { ...Object.fromEntries(this.params), ...changes });
  }

  #read(): void {
    this.path = location.pathname;
    const now = new URLSearchParams(location.search);
    for (const name of [...this.params.keys()]) if (!now.has(name)) this.params.delete(name);
    for (const [name, value] of now) if (this.params.get(name) !== value) this.params.set(name, value);
  }

  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.origin !== location.origin || link.hasAttribute('download') || link.target !== '')
      return;
    if (link.pathname.startsWith('/api/') || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const route = new Route();
