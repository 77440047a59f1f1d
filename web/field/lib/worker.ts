/** Lets the page open without a network from now on. A newer version waits until the page is opened again. */
export function keepPages(path: string): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/field-worker.js', { scope: path }).then(
    (kept) => kept.waiting?.postMessage('take over'),
    // A browser may forbid it, as in a private window: the page works, but only with a network.
    () => undefined,
  );
}
