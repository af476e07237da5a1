import { OVERDUE } from "./within-idle.ts";

/** Aborts an attempt that is not over after so many milliseconds: its `controller`, for the reason `OVERDUE`. */
export function endAfter(controller: AbortController, milliseconds: number, over: Promise<unknown>): void {
  const timer = setTimeout(() => controller.abort(OVERDUE), milliseconds);
  const stop = () => clearTimeout(timer);
  controller.signal.addEventListener("abort", stop, { once: true });
  over.then(stop, stop);
}
