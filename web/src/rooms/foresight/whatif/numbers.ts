import type { WhatIfSpread } from '$lib/api/types';
import { f } from '$lib/i18n/foresight';
import { count, decimal, signed } from '$lib/i18n/format';

const SMALL = 100;

function number(value: number): string {
  return Math.abs(value) < SMALL && !Number.isInteger(value) ? decimal(value, 1) : count(value);
}

function withSign(value: number): string {
  return signed(Math.abs(value) < SMALL ? Math.round(value * 10) / 10 : Math.round(value));
}

export function median(spread: WhatIfSpread): string {
  return number(spread.median);
}

/** The range of 90 % of the seeds. */
export function range(spread: WhatIfSpread): string {
  return f().range(number(spread.q05), number(spread.q95));
}

export function change(spread: WhatIfSpread): string {
  return withSign(spread.median);
}

export function changeRange(spread: WhatIfSpread): string {
  return f().range(withSign(spread.q05), withSign(spread.q95));
}
