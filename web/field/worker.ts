/// <reference lib="webworker" />
/**
 * Keeps the field and citizen pages on the phone, so that they open without a network.
 *
 * It knows their files by name (the build fills in the list), answers for nothing else, and never
 * touches what is sent to or comes from the server's API: that is the queue's task.
 */

const worker = self as unknown as ServiceWorkerGlobalScope;

const SHELL = JSON.parse('__SHELL__') as string[];
const PREFIX = 'lianfang-field-';
/** A page that is open while a newer version comes may still ask for parts of its own. */
const VERSIONS_KEPT = 2;

function digest(names: string[]): string {
  let hash = 5381;
  for (const char of names.join()) hash = ((hash * 33) ^ char.charCodeAt(0)) >>> 0;
  return hash.toString(36);
}

const VERSION = PREFIX + digest(SHELL);

async function keepShell(): Promise<void> {
  const cache = await caches.open(VERSION);
  await Promise.all(
    SHELL.map(async (path) => {
      // Names of assets change with their content; those of pages do not.
      const known = path.startsWith('/assets/') ? await caches.match(path) : undefined;
      const answer = known ?? (await fetch(path, { cache: 'no-cache' }));
      if (!answer.ok) throw new Error(path);
      await cache.put(path, answer);
    }),
  );
}

async function dropOld(): Promise<void> {
  const ours = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== VERSION);
  await Promise.all(ours.slice(0, 1 - VERSIONS_KEPT).map((name) => caches.delete(name)));
}

async function answer(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(VERSION);
  return (await cache.match(path)) ?? (await caches.match(path)) ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(keepShell()));

worker.addEventListener('activate', (event) => event.waitUntil(dropOld().then(() => worker.clients.claim())));

worker.addEventListener('message', (event) => {
  if (event.data === 'take over') void worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin) return;
  if (SHELL.includes(pathname) || pathname.startsWith('/assets/')) {
    event.respondWith(answer(event.request, pathname));
  }
});
