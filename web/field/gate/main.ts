import { start } from '../start';
import Page from './Gate.svelte';

start(Page, '/gate', {
  en: () => import('./words.en'),
  zh: () => import('./words.zh'),
});
