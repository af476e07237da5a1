import { createMemo, Show } from "solid-js";
import { timeOfDay } from "../format/time.ts";
import type { LiveRequests } from "../live/requests.ts";
import { Button } from "../parts/button.tsx";
import { Chip } from "../parts/chip.tsx";
import { FailureNote } from "../parts/failure-note.tsx";
import { RouteLine } from "../parts/route-line.tsx";
import { Section } from "../parts/section.tsx";
import { Figures, FiguresSkeleton } from "./figures.tsx";
import { RequestTable } from "./request-table.tsx";

function Empty() {
  return (
    <div class="mt-4 flex flex-col items-center rounded-panel border border-dashed border-edge px-6 py-16 text-center">
      <RouteLine class="text-ink-3" end="open" />
      <p class="mt-4 text-figure font-semibold tracking-tight">No requests yet.</p>
      <p class="mt-2 max-w-md text-ink-2">
        Send the example above with a key of yours. It shows here within two seconds of its end, without a reload.
      </p>
    </div>
  );
}

/** The requests as they are settled. */
export function LatestRequests(props: {
  requests: LiveRequests;
  now: number;
  selected: string | null;
  onOpen: (id: string) => void;
}) {
  const { requests } = props;
  const empty = createMemo(() => requests.loaded() && requests.rows.length === 0);
  const state = () => (!requests.live() ? "Paused" : requests.failure() ? "Interrupted" : "Live");
  // Without a first answer there is nothing to show but why.
  const unknown = createMemo(() => !requests.loaded() && requests.failure() !== null);

  return (
    <Section
      id="latest-requests"
      title="Latest requests"
      aside={
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Show when={requests.waiting() > 0}>
            <Chip tone="info">{requests.waiting()} new, held while you point at the rows</Chip>
          </Show>
          <span class="inline-flex items-center gap-2 text-meta text-ink-3">
            <span
              class={`size-2 rounded-full ${state() === "Live" ? "bg-ok" : "border border-current"}`}
              aria-hidden="true"
            />
            <span>
              {state()}
              <Show when={requests.asOf()}>
                {(asOf) => (
                  <>
                    , as of <time datetime={asOf()}>{timeOfDay(asOf())}</time>
                  </>
                )}
              </Show>
            </span>
          </span>
          <Button look="plain" onClick={() => requests.setLive(!requests.live())}>
            {requests.live() ? "Pause" : "Resume"}
          </Button>
        </div>
      }
    >
      <Show when={requests.failure()}>
        {(failure) => (
          <div class="mt-3">
            <FailureNote failure={failure()} retryAt={requests.retryAt()} now={props.now} onRetry={requests.askNow} />
          </div>
        )}
      </Show>
      <Show when={!unknown()}>
        <Show when={!empty()} fallback={<Empty />}>
          <Show when={requests.loaded()} fallback={<FiguresSkeleton />}>
            <Figures rows={requests.rows} />
          </Show>
          <RequestTable requests={requests} now={props.now} selected={props.selected} onOpen={props.onOpen} />
        </Show>
      </Show>
    </Section>
  );
}
