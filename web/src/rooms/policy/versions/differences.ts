import type { Difference, Overview, Text } from '$lib/api/types';
import { say, t } from '$lib/i18n';
import { tableOrder } from '$lib/policy/outcomes';

export interface Group {
  id: string;
  name: string;
  rows: Difference[];
}

/** Under its table's heading a difference need not name the table again. */
function without(words: Text, table: Text): Text {
  const cut = (said: string, name: string): string =>
    said.startsWith(name) ? said.slice(name.length).replace(/^[,:，：]\s*/, '') : said;
  return { en: cut(words.en, table.en), zh: cut(words.zh, table.zh) };
}

/** Differences as a reader asks for them: rules table by table, then numbers, then the rest. */
export function grouped(differences: Difference[], overview: Overview): Group[] {
  const words = t().policy;
  const tables = new Map(overview.tables.map(({ table, name }) => [table, name]));
  const numbers = new Set(overview.numbers.map(({ id }) => id));
  const isNumber = ({ what, kind }: Difference): boolean =>
    numbers.has(what) || (kind === 'removed' && /^[a-z_]+$/.test(what));
  const isSetting = ({ what }: Difference): boolean => what.includes('.');
  const untabled = differences.filter(({ table }) => table == null);
  return [
    {
      id: 'numbers',
      name: words.groups.numbers,
      rows: untabled.filter((each) => !isSetting(each) && isNumber(each)),
    },
    ...tableOrder.map((table) => {
      const name = tables.get(table) ?? { en: table, zh: table };
      const rows = differences.filter((each) => each.table === table);
      return {
        id: table,
        name: say(name),
        rows: rows.map((each) => ({ ...each, words: without(each.words, name) })),
      };
    }),
    { id: 'settings', name: words.groups.settings, rows: untabled.filter(isSetting) },
    {
      id: 'other',
      name: words.groups.other,
      rows: untabled.filter((each) => !isSetting(each) && !isNumber(each)),
    },
  ].filter(({ rows }) => rows.length > 0);
}
