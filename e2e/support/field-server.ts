import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, resolve } from 'node:path';
import { createGzip } from 'node:zlib';

import * as made from './field-data';
import { PassDesk } from './field-pass';
import type { Listed } from './pass-codes';

const DIST = resolve(import.meta.dirname, '../../web/dist');
const PAGES = ['gate', 'round', 'declare', 'me', 'verify', 'pass'];
const OPEN = [
  '/api/declare',
  '/api/me',
  '/api/me/entry',
  '/api/certificates/verify',
  '/api/demo',
  '/api/pass-keys',
];
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; " +
  "base-uri 'none'; form-action 'self'";

export interface Scan {
  code: string;
  place: string;
  at?: string;
}

export interface Entry {
  id: string;
  at: string;
  what: { kind: string } & Record<string, unknown>;
}

interface Answer {
  id: string;
  result: 'taken' | 'repeated' | 'refused';
  refusal?: { code: string; field?: string; message: { en: string; zh: string } };
  decision?: Record<string, unknown>;
}

/**
 * A server of the field pages that can be told to misbehave: it takes entries and drops the answer, refuses, or
 * says that nobody is signed in. It serves the built pages under the same policy as the real one.
 */
export class FieldServer {
  /** Every entry that came in, each time it came. */
  readonly came: Entry[] = [];
  readonly batches: number[] = [];
  readonly paths: string[] = [];
  readonly bodies: unknown[] = [];
  /** Answers of the API that are lost on the way, though the server took what was sent. */
  loseAnswers = 0;
  /** Entries that are not taken. */
  refuse: (entry: Entry) => Answer['refusal'] | undefined = () => undefined;
  decide: (entry: Entry) => Record<string, unknown> | undefined = () => undefined;
  signedIn = true;
  standing: unknown = made.standing;
  verdict: unknown = made.verdict;
  readonly desk = new PassDesk();
  /** The list of keys that passes are verified against. */
  keys: Listed[] = [];
  /** Scans that came in, one by one or in batches, each time they came. */
  readonly scans: Scan[] = [];
  readonly scanBatches: number[] = [];
  /** What the server makes of a scan. */
  scanned: (scan: Scan) => object = () => ({ result: 'valid', colour: 'green', taken: true });
  /** Whether more comes than it can take. */
  overloaded = false;
  kit = made.kit;
  round = made.round;
  me = made.me;
  /** What is said of an area that is too large for one round. */
  tooLarge: string | undefined;
  address = '';
  #server: Server | undefined;

  get ids(): Set<string> {
    return new Set(this.came.map(({ id }) => id));
  }

  async start(port = 0): Promise<this> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await new Promise<void>((done) => this.#server!.listen(port, '127.0.0.1', done));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    this.address = `http://127.0.0.1:${address.port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((done) => this.#server?.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, 'http://localhost');
    this.paths.push(request.url!);
    if (pathname.startsWith('/api/')) return this.#api(pathname, request, response);
    const name = PAGES.includes(pathname.slice(1)) ? `${pathname.slice(1)}.html` : pathname.slice(1);
    const file = join(DIST, name);
    if (name === '' || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
      'content-encoding': 'gzip',
      'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
    });
    createReadStream(file).pipe(createGzip()).pipe(response);
  }

  async #api(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    if (text) this.bodies.push(body);
    const [status, said] = this.#answer(path, request, body);
    if (this.loseAnswers > 0 && request.method === 'POST') {
      this.loseAnswers -= 1;
      request.socket.destroy();
      return;
    }
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(status === 204 ? undefined : JSON.stringify(said));
  }

  #take(entry: Entry): Answer {
    const refusal = this.refuse(entry);
    const repeated = this.ids.has(entry.id);
    this.came.push(entry);
    if (refusal) return { id: entry.id, result: 'refused', refusal };
    const decision = this.decide(entry);
    return { id: entry.id, result: repeated ? 'repeated' : 'taken', ...(decision && { decision }) };
  }

  #round(url: string): [number, unknown] {
    const code = new URL(url, 'http://localhost').searchParams.get('area');
    if (code === this.tooLarge) {
      const message = { en: 'Take a community or a grid.', zh: '请选择社区（村）或网格。' };
      return [422, { code: 'invalid', field: 'area', message }];
    }
    const area = [...made.below, made.otherVillage].find((each) => each.code === code);
    return [200, { ...this.round, ...(area && { area }) }];
  }

  #answer(path: string, request: IncomingMessage, body: Record<string, unknown>): [number, unknown] {
    if (path === '/api/pass' || path.startsWith('/api/pass/')) return this.desk.answer(path, body);
    if (!this.signedIn && !OPEN.includes(path)) {
      if (path === '/api/session' && request.method === 'POST') {
        this.signedIn = true;
        return [200, this.me];
      }
      return [401, { code: 'not_signed_in', message: { en: 'Sign in.', zh: '请登录。' } }];
    }
    if (path === '/api/session' && request.method === 'DELETE') {
      if (request.headers['x-csrf-token'] !== this.me.csrf) return [403, { code: 'csrf' }];
      this.signedIn = false;
      return [204, {}];
    }
    if (path === '/api/session') return [200, this.me];
    if (path === '/api/pass-keys') return [200, this.keys];
    if (path === '/api/scans') {
      if (request.headers['x-csrf-token'] !== this.me.csrf) return [403, { code: 'csrf' }];
      if (this.overloaded) return [503, { load: 'full' }];
      this.scans.push(body as unknown as Scan);
      return [200, this.scanned(body as unknown as Scan)];
    }
    if (path === '/api/scans/batch') {
      if (request.headers['x-csrf-token'] !== this.me.csrf) return [403, { code: 'csrf' }];
      const scans = body.scans as Scan[];
      this.scanBatches.push(scans.length);
      this.scans.push(...scans);
      return [200, { taken: scans.length, answers: scans.map((scan) => this.scanned(scan)) }];
    }
    if (path === '/api/gates') return [200, { gates: made.gates }];
    if (path.endsWith('/kit')) return [200, { ...this.kit, checkpoint: made.gateOf(path) }];
    if (path.endsWith('/queue')) return [200, made.queue];
    if (path === '/api/round') return this.#round(request.url!);
    if (path.startsWith('/api/areas/')) return [200, { children: made.below }];
    if (path === '/api/me') return [200, this.standing];
    if (path === '/api/certificates/verify') return [200, this.verdict];
    if (path === '/api/me/entry') return [200, this.#take(body.entry as Entry)];
    if (path === '/api/declare') {
      const entry = body.entry as Entry;
      return [200, { answer: this.#take(entry), code: `${entry.id}.7KQ2M9XT` }];
    }
    if (path === '/api/field') {
      if (request.headers['x-csrf-token'] !== this.me.csrf) return [403, { code: 'csrf' }];
      const entries = body.entries as Entry[];
      this.batches.push(entries.length);
      return [200, { answers: entries.map((entry) => this.#take(entry)) }];
    }
    return [404, { code: 'not_found' }];
  }
}
