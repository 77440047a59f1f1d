import type { Brief, RiskLevel } from '$lib/api/types';
import { t } from '$lib/i18n';
import { certainty, count, decimal, none, percent, shortDay, signed } from '$lib/i18n/format';

export type FigureId = 'new' | 'week' | 'confirmed' | 'active' | 'cured' | 'dead' | 'rt' | 'turning' | 'risk';

/** The number first, then its trend or its uncertainty. */
export interface Figure {
  id: FigureId;
  label: string;
  value: string;
  sub: string;
  risk?: RiskLevel;
}

function change(
  now: number | null | undefined,
  before: number | null | undefined,
  than: (delta: string) => string,
  same: string,
): string {
  if (now == null || before == null) return '';
  return now === before ? same : than(signed(now - before));
}

function share(part: number | null | undefined, whole: number): string {
  return part == null || whole === 0 ? '' : t().morning.ofConfirmed(percent(part / whole, 1));
}

function turningFigure({ turning_point: point }: Brief): Figure {
  const words = t().morning;
  const share = point.probability == null ? '' : certainty(point.probability);
  return {
    id: 'turning',
    label: words.turningPoint,
    value: point.date == null ? t().turning[point.state] : shortDay(point.date),
    sub:
      point.date == null || share === ''
        ? ''
        : point.declared_on
          ? words.certain(share)
          : words.undeclared(share),
  };
}

export function figuresOf(brief: Brief): Figure[] {
  const words = t().morning;
  const { counts, rt, risk } = brief;
  return [
    {
      id: 'new',
      label: words.new,
      value: count(counts.new),
      sub:
        counts.new == null
          ? words.noReport
          : change(counts.new, counts.new_yesterday, words.than, words.same),
    },
    {
      id: 'week',
      label: words.newDays(count(counts.recent_days)),
      value: count(counts.new_recent),
      sub: change(
        counts.new_recent,
        counts.new_before,
        words.thanBefore(count(counts.recent_days)),
        words.sameBefore(count(counts.recent_days)),
      ),
    },
    {
      id: 'confirmed',
      label: words.confirmed,
      value: count(counts.confirmed),
      sub: counts.suspected == null ? '' : words.suspectedMore(count(counts.suspected)),
    },
    {
      id: 'active',
      label: words.active,
      value: count(counts.active),
      sub: share(counts.active, counts.confirmed),
    },
    {
      id: 'cured',
      label: words.cured,
      value: count(counts.cured),
      sub: share(counts.cured, counts.confirmed),
    },
    { id: 'dead', label: words.dead, value: count(counts.dead), sub: share(counts.dead, counts.confirmed) },
    {
      id: 'rt',
      label: words.rt,
      value: rt == null ? none : decimal(rt.mean),
      sub: rt == null ? words.tooFew : words.interval(decimal(rt.q025), decimal(rt.q975)),
    },
    turningFigure(brief),
    {
      id: 'risk',
      label: words.risk,
      value: t().riskShort[risk.level],
      sub: risk.since == null ? '' : words.since(shortDay(risk.since)),
      risk: risk.level,
    },
  ];
}
