/** After the page has loaded, its first data have this long before anything is read ahead, in milliseconds. */
const FIRST_DATA_MS = 1000;

const quietly = (read: () => Promise<unknown>) =>
  // What cannot be read ahead is read when it is wanted, and its failure shown then.
  void read().catch(() => undefined);

let isIdle = false;
const waiting: (() => Promise<unknown>)[] = [];

function whenIdle(): void {
  // Safari has no `requestIdleCallback`.
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1));
  setTimeout(
    () =>
      idle(() => {
        isIdle = true;
        for (const read of waiting.splice(0)) quietly(read);
      }),
    FIRST_DATA_MS,
  );
}
if (document.readyState === "complete") whenIdle();
else addEventListener("load", whenIdle, { once: true });

/** Reads a part of the page ahead of its first use, once what was asked for is there. */
export function onceIdle(read: () => Promise<unknown>): void {
  if (isIdle) quietly(read);
  else waiting.push(read);
}
