import type { Brief } from '$lib/api/types';
import { say, t } from '$lib/i18n';
import { addDays, count, day, decimal } from '$lib/i18n/format';
import { href, type Params } from '$lib/state/href';

import type { FigureId } from './figures';

function rt({ rt, growth }: Brief): string[] {
  const words = t().morning;
  if (rt == null) return [words.noRt];
  const days = growth?.doubling_days;
  const pace =
    days == null ? [] : [days < 0 ? words.halving(decimal(-days, 1)) : words.doubling(decimal(days, 1))];
  return [words.aboutRt(day(rt.t_start), day(rt.t_end)), ...pace];
}

function turning({ turning_point: point }: Brief): string[] {
  const words = t().morning;
  return [
    say(point.reason),
    ...(point.ci_low && point.ci_high ? [words.turningRange(day(point.ci_low), day(point.ci_high))] : []),
    ...(point.declared_on ? [words.declaredOn(day(point.declared_on))] : []),
  ];
}

function risk({ risk }: Brief): string[] {
  const words = t().morning;
  const { confirmed_total, new_recent, cluster, last_case } = risk.evidence;
  const clusters = { true: words.clusterYes, false: words.clusterNo, null: words.clusterUnknown };
  return [
    say(risk.reason),
    words.evidence(count(confirmed_total), count(new_recent)),
    clusters[`${cluster ?? null}`] + (last_case ? words.lastCase(day(last_case)) : ''),
    words.clears(say(risk.clears)),
    words.rule(risk.rule),
  ];
}

/** What a figure is made of, in sentences. */
export function about(brief: Brief, id: FigureId): string[] {
  const words = t().morning;
  const { counts } = brief;
  switch (id) {
    case 'new':
      return [words.aboutNew(day(brief.date))];
    case 'week':
      return [
        words.aboutRecent(count(counts.new_recent), count(counts.new_before), count(counts.recent_days)),
      ];
    case 'confirmed':
      return [words.aboutConfirmed];
    case 'active':
      return [words.aboutActive];
    case 'cured':
      return [words.aboutCured];
    case 'dead':
      return [words.aboutDead];
    case 'rt':
      return rt(brief);
    case 'turning':
      return turning(brief);
    case 'risk':
      return risk(brief);
  }
}

/** The line list narrowed to the cases that a figure counts; none for a figure that counts no cases. */
export function casesBehind({ area, date, counts }: Brief, id: FigureId): string | null {
  const filters: Partial<Record<FigureId, Params>> = {
    new: { from: date },
    week: { from: addDays(date, 1 - counts.recent_days) },
    confirmed: {},
    cured: { outcome: 'recovered' },
    dead: { outcome: 'died' },
  };
  const filter = filters[id];
  return filter
    ? href('/cases', { area: area.code, classification: 'confirmed', to: date, ...filter })
    : null;
}
