import { undo } from './queue.svelte';

const SHOWN_MS = 5_000;

/** What has just been done, for a moment, with the way back. */
class Toast {
  said = $state('');
  canUndo = $state(false);
  #id = '';
  #undone: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(said: string, id = '', undone: () => void = () => undefined): void {
    clearTimeout(this.#timer);
    this.said = said;
    this.canUndo = id !== '';
    this.#id = id;
    this.#undone = undone;
    this.#timer = setTimeout(() => (this.said = ''), SHOWN_MS);
  }

  async undo(): Promise<void> {
    if (await undo(this.#id)) this.#undone();
    this.said = '';
  }
}

export const toast = new Toast();
