import { SvelteSet } from 'svelte/reactivity';

/** The cases that are chosen in the list, to be changed together. */
export class Chosen {
  readonly ids = new SvelteSet<string>();

  toggle(id: string, on: boolean): void {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
  }

  /** All of these, or none of them. */
  turn(ids: string[], on: boolean): void {
    for (const id of ids) this.toggle(id, on);
  }

  clear(): void {
    this.ids.clear();
  }
}
