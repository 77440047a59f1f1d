// Weighs what a browser fetches to open a page: the document, and every script and style sheet
// that it needs. For the command centre that is its first morning page; for a field or citizen
// page, the heavier of the two languages.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BOUND_KB = 350;
const LOGIN_BOUND_KB = 60;
const FIELD_BOUND_KB = 30;
const FIELD_PAGES = ['gate', 'round', 'declare', 'me', 'verify', 'pass'];
const dist = new URL('../dist/', import.meta.url).pathname;

function manifestOf(name) {
  const file = join(dist, '.vite', name);
  if (!existsSync(file)) {
    console.error('dist is missing: run `npm run build` first');
    process.exit(2);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

const manifest = manifestOf('manifest.json');
const field = manifestOf('field.json');
const weigh = (file) => gzipSync(readFileSync(join(dist, file)), { level: 6 }).length;

function closure(chunks, page, names) {
  const files = new Set([page]);
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const chunk = chunks[name];
    files.add(chunk.file);
    chunk.css?.forEach((css) => files.add(css));
    chunk.imports?.forEach(visit);
  };
  names.forEach(visit);
  return [...files];
}

function report(title, files, bound, more = []) {
  const weighed = [...new Set([...files, ...more])].map((file) => ({ file, bytes: weigh(file) }));
  const kb = weighed.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  console.log(`${title}: ${kb.toFixed(1)} kB gzip (bound ${bound} kB)`);
  for (const { file, bytes } of weighed.sort((a, b) => b.bytes - a.bytes)) {
    console.log(`  ${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
  }
  return kb < bound;
}

const lazy = (part) => Object.keys(manifest).filter((name) => name.includes(part));

/** A field page with the words of the heavier language: they are fetched before anything is drawn. */
function reportField(page) {
  const files = closure(field, `${page}.html`, [`${page}.html`]);
  const sheets = Object.values(field)
    .map(({ file }) => file)
    .filter((file) => file.endsWith('.css'));
  const words = ['en', 'zh']
    .map((lang) => closure(field, `${page}.html`, [`${page}/words.${lang}.ts`]))
    .sort((a, b) => total(b) - total(a))[0];
  return report(`/${page}`, files, FIELD_BOUND_KB, [...sheets, ...words]);
}

function total(files) {
  return files.reduce((sum, file) => sum + weigh(file), 0);
}

const within = [
  report(
    'login page',
    closure(manifest, 'index.html', ['index.html', ...lazy('rooms/login/')]),
    LOGIN_BOUND_KB,
  ),
  report(
    'morning page',
    closure(manifest, 'index.html', [
      'index.html',
      ...lazy('frame/Frame.svelte'),
      ...lazy('rooms/morning/Morning.svelte'),
      ...lazy('charts/curve'),
    ]),
    BOUND_KB,
  ),
  ...FIELD_PAGES.map(reportField),
];
process.exit(within.every(Boolean) ? 0 : 1);
