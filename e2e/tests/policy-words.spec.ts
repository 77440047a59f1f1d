import { readdir, readFile } from 'node:fs/promises';

import { expect, test, words } from '../support/test';

/** Every setting of the packs that ship, by the name that it has in the file; of places without their kind. */
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

/** What is set for every kind of something, and the kinds. */
async function settingsOfKinds(of: string): Promise<{ kinds: Set<string>; fields: Set<string> }> {
  const text = await readFile(new URL('../../policies/covid19-cn-2020.toml', import.meta.url), 'utf8');
  const kinds = new Set<string>();
  const fields = new Set<string>();
  let inside = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('[')) {
      const kind = line.startsWith(`[settings.${of}.`)
        ? line.slice(`[settings.${of}.`.length, -1)
        : undefined;
      inside = kind !== undefined;
      if (kind) kinds.add(kind);
    }
    const [, name] = /^(\w+) = /.exec(line) ?? [];
    if (inside && name) fields.add(name);
  }
  return { kinds, fields };
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

for (const { of, least, kinds: named, settings } of [
  { of: 'visits.places', least: 10, kinds: 'placeKinds', settings: 'placeSettings' },
  { of: 'pass.certificates', least: 3, kinds: 'certificateKinds', settings: 'certificateSettings' },
] as const) {
  test(`what is set for ${of} has a name in both languages, kind by kind`, async () => {
    const { kinds, fields } = await settingsOfKinds(of);
    expect(kinds.size).toBeGreaterThanOrEqual(least);
    expect([...fields]).toContain('source');
    for (const lang of ['en', 'zh'] as const) {
      const policy = words[lang].policy;
      expect([...kinds].filter((kind) => !(kind in policy[named]))).toEqual([]);
      expect([...fields].filter((field) => !(field in policy[settings]))).toEqual([]);
    }
  });
}
