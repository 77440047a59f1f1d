import { start } from '../start';
import Page from './Pass.svelte';

start(Page, '/pass', {
  en: () => import('./words.en'),
  zh: () => import('./words.zh'),
});
