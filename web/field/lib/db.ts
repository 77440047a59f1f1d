/** The phone's own store: what waits to be sent, and what was last fetched. */

const NAME = 'lianfang-field';
const VERSION = 1;

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('queue', { keyPath: 'place', autoIncrement: true });
      request.result.createObjectStore('kept');
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

type Store = 'queue' | 'kept';

/** Runs one transaction; done once it is on the disk. */
export async function within<T>(
  store: Store,
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest<T> | void,
): Promise<T> {
  const database = await open();
  return new Promise((done, failed) => {
    // A phone may be switched off right after the tap.
    const transaction = database.transaction(store, mode, { durability: 'strict' });
    const request = run(transaction.objectStore(store));
    transaction.oncomplete = () => done(request?.result as T);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

/** What was kept under a name. */
export function kept<T>(name: string): Promise<T | undefined> {
  return within('kept', 'readonly', (store) => store.get(name) as IDBRequest<T | undefined>);
}

export function keep(name: string, value: unknown): Promise<unknown> {
  return within('kept', 'readwrite', (store) => store.put(value, name));
}

export function forget(name: string): Promise<unknown> {
  return within('kept', 'readwrite', (store) => store.delete(name));
}
