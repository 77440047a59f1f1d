import { start } from '../start';
import Page from './Declare.svelte';

start(Page, '/declare', {
  en: () => import('./words.en'),
  zh: () => import('./words.zh'),
});
