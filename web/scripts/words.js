// No text stands in a component: every word comes from a catalogue, so that both languages stay whole.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';

const SPOKEN = new Set(['aria-label', 'aria-description', 'alt', 'title', 'placeholder', 'label']);
const LETTER = /\p{L}/u;

const strays = [];

function visit(node, file, source) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) return node.forEach((each) => visit(each, file, source));
  const unspoken = node.type === 'StyleDirective' || (node.type === 'Attribute' && !SPOKEN.has(node.name));
  if (unspoken) {
    const parts = [node.value].flat().filter((part) => part !== true && part.type !== 'Text');
    return visit(parts, file, source);
  }
  if (node.type === 'Text' && LETTER.test(node.data)) {
    const line = source.slice(0, node.start).split('\n').length;
    strays.push(`${file}:${line}: ${node.data.trim()}`);
  }
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'metadata' && key !== 'parent') visit(value, file, source);
  }
}

const components = ['src', 'field'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.svelte'))
    .map((name) => join(folder, name)),
);

for (const file of components) {
  const source = readFileSync(file, 'utf8');
  visit(parse(source, { modern: true }).fragment, file, source);
}

strays.forEach((stray) => console.error(stray));
process.exit(strays.length === 0 ? 0 : 1);
