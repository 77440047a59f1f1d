import type { Brief, EntryNumbers } from '$lib/api/types';
import { howFast } from '$lib/field/fast';
import { say, t } from '$lib/i18n';
import { count } from '$lib/i18n/format';
import { href, type Params } from '$lib/state/href';
import { session } from '$lib/state/session.svelte';

type FieldBrief = NonNullable<Brief['field']>;

/** A number with the list behind it. */
export interface Line {
  label: string;
  value: string;
  sub: string;
  bad?: boolean;
  href: string | null;
}

export interface Block {
  id: string;
  label: string;
  value: string;
  sub: string;
  bad?: boolean;
  href: string | null;
  lines: Line[];
}

type To = (path: string, params?: Params) => string | null;

/** The list behind a number: lists show today, and whom one may see. */
function leadsFrom(area: string, live: boolean): To {
  return (path, params = {}) => {
    const may = path === '/matters' ? session.may('read_matters') : session.may('read_field');
    return live && may ? href(path, { area, ...params }) : null;
  };
}

function arrivals(entry: EntryNumbers, to: To): Block {
  const words = t().morning.field;
  const day = { from: entry.day, to: entry.day };
  return {
    id: 'arrived',
    label: words.arrived,
    value: count(entry.arrived),
    sub: entry.overdue > 0 ? words.overdue(count(entry.overdue)) : words.foundBy,
    href: to('/gates', day),
    lines: entry.sources.map((source) => ({
      label: say(source.name),
      value: count(source.people),
      sub: source.people === 0 ? '' : howFast(source),
      href: to('/gates', { source: source.source, ...day }),
    })),
  };
}

function handovers({ handovers, handovers_late }: EntryNumbers, to: To): Block {
  const words = t().morning.field;
  return {
    id: 'handovers',
    label: words.handovers,
    value: count(handovers),
    sub: handovers_late > 0 ? words.late(count(handovers_late)) : words.noneLate,
    bad: handovers_late > 0,
    href: to('/gates', { view: 'handovers' }),
    lines: [],
  };
}

/** Gates and quarantine on a morning; a past one says how quarantine stood, and leads to no list. */
export function blocksOf({ entry, quarantine }: FieldBrief, area: string): Block[] {
  const words = t().morning.field;
  const to = leadsFrom(area, entry != null);
  const watch = (params?: Params): string | null => to('/quarantine', params);
  const owed = Math.max(0, quarantine.checks_due - quarantine.checks_done);
  const late = quarantine.releases_late;
  return [
    ...(entry ? [arrivals(entry, to)] : []),
    {
      id: 'watched',
      label: words.underWatch,
      value: count(quarantine.total),
      sub: words.made(count(quarantine.made)),
      href: watch(),
      lines: quarantine.watched
        .filter(({ people }) => people > 0)
        .map(({ watch: kind, name, people }) => ({
          label: say(name),
          value: count(people),
          sub: '',
          href: watch({ watch: kind }),
        })),
    },
    {
      id: 'checks',
      label: words.checks,
      value: words.of(count(quarantine.checks_done), count(quarantine.checks_due)),
      sub: words.owed(count(owed)),
      href: watch({ due: 'check' }),
      lines: [
        {
          label: words.samples,
          value: words.of(count(quarantine.samples_done), count(quarantine.samples_due)),
          sub: '',
          href: watch({ due: 'sample' }),
        },
      ],
    },
    ...(entry ? [handovers(entry, to)] : []),
    {
      id: 'released',
      label: words.released,
      value: words.of(count(quarantine.releases_done), count(quarantine.releases_due)),
      sub: late > 0 ? words.releasesLate(count(late)) : words.noneLate,
      bad: late > 0,
      href: watch({ due: 'release' }),
      lines: [],
    },
    {
      id: 'breaches',
      label: words.breaches,
      value: count(quarantine.breaches),
      sub: '',
      bad: quarantine.breaches > 0,
      href: to('/matters', { view: 'area', kind: 'breach' }),
      lines: [
        {
          label: words.absent,
          value: count(quarantine.absent),
          sub: '',
          bad: quarantine.absent > 0,
          href: watch({ due: 'absent' }),
        },
      ],
    },
  ];
}
