import type { Day } from '$lib/api/types';
import { t } from '$lib/i18n';
import { count, day as formatDay, decimal } from '$lib/i18n/format';

import { remarks } from './remarks';

function rtText(rt: Day['rt']): string {
  return rt == null
    ? t().morning.tooFew
    : `${decimal(rt.mean)} (${t().morning.interval(decimal(rt.q025), decimal(rt.q975))})`;
}

function line(text: string, bold = false): HTMLElement {
  const element = document.createElement('div');
  element.textContent = text;
  if (bold) element.style.fontWeight = '600';
  return element;
}

export function tooltip(day: Day): HTMLElement {
  const words = t().morning;
  const box = document.createElement('div');
  box.style.maxWidth = '260px';
  box.style.whiteSpace = 'normal';
  box.append(
    line(formatDay(day.date), true),
    line(`${words.casesAxis} ${count(day.new)}`),
    line(`${words.rtAxis} ${rtText(day.rt)}`),
    ...remarks(day).map((remark) => line(remark)),
  );
  return box;
}
