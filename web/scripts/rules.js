// Holds the page's walker of rules against decisions that the policy crate made: run by its test
// (crates/policy/tests/portable.rs) with the file of evidence and decisions.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node scripts/rules.js FILE');
  process.exit(2);
}

const source = readFileSync(new URL('../field/lib/rules.ts', import.meta.url), 'utf8');
const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
const script = ts.transpileModule(source, { compilerOptions: options }).outputText;
const { decide } = await import(`data:text/javascript,${encodeURIComponent(script)}`);

let walked = 0;
const wrong = [];
for (const { portable, on, cases } of JSON.parse(readFileSync(file, 'utf8'))) {
  for (const [evidence, rule, outcome] of cases) {
    const found = decide(portable, evidence, on);
    walked += 1;
    if (found.id !== rule || found.outcome !== outcome) {
      const named = `${portable.pack} ${JSON.stringify(evidence)}`;
      wrong.push(`${named}: ${rule} (${outcome}), the page says ${found.id} (${found.outcome})`);
    }
  }
}

console.log(`${walked} decisions walked, ${wrong.length} differ`);
wrong.slice(0, 10).forEach((line) => console.error(line));
process.exit(walked > 0 && wrong.length === 0 ? 0 : 1);
