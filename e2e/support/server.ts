import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const READY_MS = 120_000;

export function binary(): string {
  const path = resolve(import.meta.dirname, '..', process.env.LIANFANG_BIN ?? '../target/debug/lianfang');
  if (!existsSync(path)) throw new Error(`no server at ${path}: build it, or name it in LIANFANG_BIN`);
  return path;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}

/** The line by which the demo says where it listens and who may sign in. */
function ready(server: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error('the demo did not get ready in time')), READY_MS);
    server.once('exit', (code) => failed(new Error(`the demo ended with ${code} before it was ready`)));
    const lines = createInterface({ input: server.stdout! });
    lines.on('line', (line) => {
      if (!line.startsWith('{') || !line.includes('"address"')) return;
      clearTimeout(timer);
      done(line);
    });
  });
}

/** Starts the real server with a demo city of its own, and ends both with the tests. */
export default async function start(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'lianfang-e2e-'));
  const arguments_ = ['demo', '--data-dir', folder, '--port', String(await freePort())];
  const server = spawn(binary(), arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.env.LIANFANG_DEMO = await ready(server);
  process.env.LIANFANG_DEMO_DATA = folder;
  return async () => {
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await Promise.race([ended, new Promise((done) => setTimeout(done, 5000))]);
    rmSync(folder, { recursive: true, force: true });
  };
}
