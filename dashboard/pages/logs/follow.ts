import { useQueryClient } from "@tanstack/solid-query";
import { type Accessor, createEffect, createSignal, on } from "solid-js";
import { useChoice } from "../../state/address.ts";
import { createLiveTail } from "./live-tail.ts";
import type { LogFilters, LogQuery } from "./log-filters.ts";
import type { LogRows } from "./log-rows.ts";

/** Follows what comes into a list of the log, and holds it back while somebody reads. `isReading`: a record is open. */
export function createFollowing(
  filters: LogFilters,
  { log, query, isReading }: { log: LogRows; query: Accessor<LogQuery>; isReading: Accessor<boolean> },
) {
  const client = useQueryClient();
  const [live, setLive] = useChoice("live", ["off", "on"]);
  const [offset, setOffset] = createSignal(0);
  const [isPointed, setPointed] = createSignal(false);
  const [isFocused, setFocused] = createSignal(false);
  const arrived = new Map<string, number>();
  const isOn = () => live() === "on";
  // What somebody reads, by pointer or by keyboard, must not move.
  const held = () => offset() > 0 || isPointed() || isFocused() || isReading();
  const tail = createLiveTail({
    query,
    enabled: isOn,
    held,
    onRows: (rows) => {
      for (const { id } of rows) arrived.set(id, Date.now());
      log.prepend(rows);
    },
  });
  createEffect(on(() => log.dataUpdatedAt, tail.reset, { defer: true }));
  /** Count, bars and rail follow the list. */
  const recount = () => void client.invalidateQueries({ queryKey: ["logs"] });
  const refresh = () => {
    tail.reset();
    log.reload();
    recount();
  };
  return {
    ...{ tail, isOn, held, refresh, setOffset, setPointed, setFocused },
    /** When rows came, by their ids. */
    arrived,
    follow: (on: boolean) => {
      // What is to come has no end.
      if (on && filters.scope.to()) filters.scope.setRange("-24h");
      setLive(on ? "on" : "off");
    },
    /** So many are held back. */
    waiting: () => (isOn() ? tail.waiting() + tail.missed() : 0),
    /** Shows what has come meanwhile, from the newest on. */
    release: () => {
      const table = document.querySelector<HTMLElement>('[role="table"]');
      table?.scrollTo({ top: 0 });
      // The button goes; whoever pressed it is at the head of the list.
      table?.focus({ preventScroll: true });
      if (tail.missed() > 0) return refresh();
      tail.release();
      recount();
    },
  };
}

export type Following = ReturnType<typeof createFollowing>;
