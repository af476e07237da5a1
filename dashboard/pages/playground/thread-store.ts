import type { Thread } from "./thread.ts";

const STORE = "threads";

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The threads that this browser keeps for one person. They are on no server. */
async function open(user: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`playground ${user}`, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return asked(request);
}

async function within<T>(
  user: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open(user);
  try {
    return await asked(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

export const readThread = (user: string, id: string): Promise<Thread | undefined> =>
  within(user, "readonly", (store) => store.get(id) as IDBRequest<Thread | undefined>);

/** All of them, the latest first. */
export const listThreads = async (user: string): Promise<Thread[]> =>
  (await within(user, "readonly", (store) => store.getAll() as IDBRequest<Thread[]>)).sort((a, b) => b.at - a.at);

/** Keeps a thread as it is; a copy, so that what is shown may go on changing. */
export const keepThread = async (user: string, thread: Thread): Promise<void> => {
  await within(user, "readwrite", (store) => store.put(JSON.parse(JSON.stringify(thread)) as Thread));
};

export const removeThread = async (user: string, id: string): Promise<void> => {
  await within(user, "readwrite", (store) => store.delete(id));
};
