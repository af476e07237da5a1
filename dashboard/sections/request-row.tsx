import { Show } from "solid-js";
import type { RequestRow } from "../api/client.ts";
import { count, duration } from "../format/numbers.ts";
import { cacheTokens, clientName, dialectName, operationName } from "../format/request.ts";
import { exactTime, timeAgo, timeOfDay } from "../format/time.ts";
import { Cost, Outcome, Provider } from "../parts/request-cells.tsx";

const SMALL = "block text-meta text-ink-3";
/** Columns that only wide pages have room for; everything is in the detail. */
export const WIDE = "max-xl:hidden";
export const MEDIUM = "max-lg:hidden";
export const NUMBER = "text-right";

const tokens = (value: number) => (value === 0 ? <span class="text-ink-3">0</span> : count(value));

/** One request. The button on the model's name covers the row, so that the whole of it opens the detail. */
export function Row(props: {
  request: RequestRow;
  now: number;
  arriving: boolean;
  selected: boolean;
  onOpen: () => void;
}) {
  const request = () => props.request;
  // Without a price, the word is about the tokens alone.
  const exactness = () =>
    `${request().price_version === null ? "tokens " : ""}${request().exact ? "exact" : "estimated"}`;
  const reason = () => request().error_code ?? request().stop_reason;

  return (
    <tr
      data-request={request().id}
      class={`relative border-b border-rule align-top hover:bg-sunken [&>td]:px-3 [&>td]:py-2 [&>td:first-child]:pl-3 ${props.selected ? "bg-accent-bg" : ""}`}
      classList={{ arriving: props.arriving }}
    >
      <td class={`whitespace-nowrap ${MEDIUM}`}>
        <time datetime={request().created_at} title={exactTime(request().created_at)}>
          {timeAgo(request().created_at, props.now)}
          <span class={SMALL}>{timeOfDay(request().created_at)}</span>
        </time>
      </td>
      <td class="w-full max-w-0">
        <button
          type="button"
          class="block max-w-full truncate text-left font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          title={request().requested_model}
          aria-haspopup="dialog"
          onClick={() => props.onOpen()}
        >
          {request().requested_model}
        </button>
        <span class={`${SMALL} truncate`}>
          <Provider request={request()} />
          <span class="lg:hidden"> · {timeAgo(request().created_at, props.now)}</span>
        </span>
        <span class="mt-1 block lg:hidden">
          <Outcome request={request()} />
        </span>
      </td>
      <td class={`max-w-52 ${WIDE}`}>
        <span class="block truncate" title={request().client ?? undefined}>
          {clientName(request().client)}
        </span>
        <span class={`${SMALL} truncate`}>
          <Show when={operationName(request().operation)}>{(name) => <>{name()} · </>}</Show>
          {dialectName(request().dialect)}
        </span>
      </td>
      <td class={MEDIUM}>
        <Outcome request={request()} />
        <Show when={reason()}>
          <span class={`${SMALL} max-w-44 truncate`}>{reason()}</span>
        </Show>
      </td>
      <td class={`${NUMBER} ${MEDIUM}`}>{tokens(request().tokens.input_uncached)}</td>
      <td class={`${NUMBER} ${WIDE}`}>
        {tokens(cacheTokens(request().tokens))}
        <Show when={request().tokens.cache_write > 0}>
          <span class={`${SMALL} whitespace-nowrap`}>{count(request().tokens.cache_write)} written</span>
        </Show>
      </td>
      <td class={`${NUMBER} ${MEDIUM}`}>
        {tokens(request().tokens.output)}
        <Show when={request().tokens.reasoning > 0}>
          <span class={`${SMALL} whitespace-nowrap`}>{count(request().tokens.reasoning)} reasoning</span>
        </Show>
      </td>
      <td class={`${NUMBER} whitespace-nowrap`}>
        <Cost request={request()} />
        <span class={`${SMALL} max-lg:hidden`}>{exactness()}</span>
        <span class={`${SMALL} lg:hidden`}>
          {count(request().tokens.input_uncached + cacheTokens(request().tokens))} in, {count(request().tokens.output)}{" "}
          out
        </span>
      </td>
      <td class={`${NUMBER} whitespace-nowrap ${WIDE}`}>
        <Show when={request().ttft_ms} fallback={<span class="text-ink-3">—</span>}>
          {(ttft) => duration(ttft())}
        </Show>
      </td>
      <td class={`${NUMBER} whitespace-nowrap ${MEDIUM}`}>
        {duration(request().duration_ms)}
        <Show when={request().streamed}>
          <span class={SMALL}>streamed</span>
        </Show>
      </td>
    </tr>
  );
}
