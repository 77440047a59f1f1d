// Weighs what a browser fetches for its first morning page: the document, the entry, and
// every chunk and style sheet reached statically or by the rooms' lazy imports named below.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BOUND_KB = 350;
const LOGIN_BOUND_KB = 60;
const dist = new URL('../dist/', import.meta.url).pathname;
const manifestFile = join(dist, '.vite/manifest.json');

if (!existsSync(manifestFile)) {
  console.error('dist is missing: run `npm run build` first');
  process.exit(2);
}

const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
const weigh = (file) => gzipSync(readFileSync(join(dist, file)), { level: 6 }).length;

function closure(names) {
  const files = new Set(['index.html']);
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const chunk = manifest[name];
    files.add(chunk.file);
    chunk.css?.forEach((css) => files.add(css));
    chunk.imports?.forEach(visit);
  };
  names.forEach(visit);
  return [...files];
}

function report(title, names, bound) {
  const files = closure(names).map((file) => ({ file, bytes: weigh(file) }));
  const kb = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  console.log(`${title}: ${kb.toFixed(1)} kB gzip (bound ${bound} kB)`);
  for (const { file, bytes } of files.sort((a, b) => b.bytes - a.bytes)) {
    console.log(`  ${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
  }
  return kb < bound;
}

const lazy = (part) => Object.keys(manifest).filter((name) => name.includes(part));
const login = report('login page', ['index.html', ...lazy('rooms/login/')], LOGIN_BOUND_KB);
const morning = report(
  'morning page',
  [
    'index.html',
    ...lazy('frame/Frame.svelte'),
    ...lazy('rooms/morning/Morning.svelte'),
    ...lazy('charts/curve'),
  ],
  BOUND_KB,
);
process.exit(login && morning ? 0 : 1);
