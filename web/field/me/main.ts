import { start } from '../start';
import Page from './Me.svelte';

start(Page, '/me', {
  en: () => import('./words.en'),
  zh: () => import('./words.zh'),
});
