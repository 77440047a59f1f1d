import { start } from '../start';
import Page from './Round.svelte';

start(Page, '/round', {
  en: () => import('./words.en'),
  zh: () => import('./words.zh'),
});
