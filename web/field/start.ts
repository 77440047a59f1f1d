import './field.css';

import { prefs } from '$lib/state/prefs.svelte';
import { mount, type Component } from 'svelte';

import { print } from './lib/print.svelte';
import { speakWith, type Loaders } from './lib/words.svelte';
import { keepPages } from './lib/worker';

/** Opens one of the pages: in the language and print chosen before, also where there is no network. */
export async function start(page: Component, path: string, loaders: Loaders): Promise<void> {
  prefs.apply();
  print.apply();
  await speakWith(loaders, prefs.lang);
  mount(page, { target: document.getElementById('app')! });
  void import('./lib/drain').then(({ keepDraining }) => keepDraining());
  keepPages(path);
}
