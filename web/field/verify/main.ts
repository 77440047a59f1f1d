import { start } from '../start';
import Page from './Verify.svelte';

start(Page, '/verify', {
  en: () => import('./words.en'),
  zh: () => import('./words.zh'),
});
