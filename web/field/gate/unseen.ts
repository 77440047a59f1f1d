import type { Seen } from './evidence';

export const unseen = (): Seen => ({
  temperature: null,
  symptoms: [],
  pass: 'none',
  circumstances: { pregnant: false, needs_care: false, home_suitable: false },
});
