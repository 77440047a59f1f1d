import { readdir, readFile } from 'node:fs/promises';

import { expect, test, words } from '../support/test';

/** Every setting of the packs that ship, by the name that it has in the file. */
async function settingsOfPacks(): Promise<string[]> {
  const folder = new URL('../../policies/', import.meta.url);
  const names = new Set<string>();
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.toml')) continue;
    let section: string | undefined;
    for (const line of (await readFile(new URL(file, folder), 'utf8')).split('\n')) {
      if (line.startsWith('[')) section = /^\[settings\.(\w+)\]/.exec(line)?.[1];
      const [, name] = /^(\w+) = /.exec(line) ?? [];
      if (section && name) names.add(`${section}.${name}`);
    }
  }
  return [...names];
}

test('every setting of a pack has a name in both languages', async () => {
  const settings = await settingsOfPacks();
  expect(settings).toContain('field.abnormal_from');
  expect(settings).toContain('forecast.half_life_days');
  for (const lang of ['en', 'zh'] as const) {
    const named = Object.keys(words[lang].policy.settingNames);
    expect(settings.filter((name) => !named.includes(name))).toEqual([]);
  }
});
