import { Dialog } from "@kobalte/core/dialog";
import { createResource, For, type JSX, Show } from "solid-js";
import { type RequestDetail as Detail, type RequestRow, readRequest } from "../api/client.ts";
import { asFailure } from "../api/failure.ts";
import { count, duration } from "../format/numbers.ts";
import { dialectName, operationName, outcome } from "../format/request.ts";
import { exactTime, timeAgo } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { FailureNote } from "../parts/failure-note.tsx";
import { Cost, Outcome, Provider } from "../parts/request-cells.tsx";

type Fact = [name: string, value: JSX.Element];

function Facts(props: { title: string; facts: Fact[]; children?: JSX.Element }) {
  return (
    <section class="border-t border-rule py-5">
      <h3 class="caps">{props.title}</h3>
      <dl class="mt-2 grid grid-cols-[9rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-table">
        <For each={props.facts.filter(([, value]) => value !== null && value !== undefined)}>
          {([name, value]) => (
            <>
              <dt class="text-ink-3">{name}</dt>
              <dd class="min-w-0 break-words">{value}</dd>
            </>
          )}
        </For>
      </dl>
      {props.children}
    </section>
  );
}

const mono = (value: string | null): JSX.Element =>
  value === null ? null : <span class="font-mono text-meta break-all">{value}</span>;

/** Waiting for the first byte, then receiving: one bar, to scale. */
function Timing(props: { request: RequestRow }) {
  const total = () => Math.max(props.request.duration_ms, 1);
  const first = () => Math.min(props.request.ttft_ms ?? total(), total());
  const percent = () => (first() / total()) * 100;
  return (
    <svg class="mt-3 block h-2 w-full" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="fill-edge" width={percent()} height="8" />
      <rect class="fill-accent" x={percent()} width={100 - percent()} height="8" />
    </svg>
  );
}

function Tokens(props: { request: RequestRow }) {
  const tokens = () => props.request.tokens;
  const lines = () =>
    [
      ["Input, not cached", tokens().input_uncached],
      ["Read from cache", tokens().cache_read],
      ["Written to cache", tokens().cache_write],
      ["Output", tokens().output],
    ] as const;
  return (
    <section class="border-t border-rule py-5">
      <h3 class="caps">Tokens and cost</h3>
      <table class="mt-2 w-full text-table">
        <tbody>
          <For each={lines()}>
            {([name, value]) => (
              <tr>
                <th scope="row" class="py-0.5 text-left font-normal text-ink-2">
                  {name}
                </th>
                <td class="text-right">{count(value)}</td>
              </tr>
            )}
          </For>
          <tr>
            <th scope="row" class="py-0.5 pl-4 text-left font-normal text-ink-3">
              of it reasoning
            </th>
            <td class="text-right text-ink-3">{count(tokens().reasoning)}</td>
          </tr>
          <tr class="border-t border-edge font-semibold">
            <th scope="row" class="pt-2 text-left font-semibold">
              Cost
            </th>
            <td class="pt-2 text-right">
              <Show when={props.request.price_version} fallback={<Cost request={props.request} />}>
                {props.request.exact ? "" : "≈ "}${props.request.cost_usd}
              </Show>
            </td>
          </tr>
        </tbody>
      </table>
      <p class="mt-2 text-meta text-ink-3">
        {props.request.exact ? "The provider's own figures." : "Estimated: the provider gave no figures."}{" "}
        <Show when={props.request.price_version} fallback="This model has no price in the book.">
          {(version) => <>Price version {version()}.</>}
        </Show>
        <Show when={props.request.corrected}> Corrected since it was first written.</Show>
      </p>
    </section>
  );
}

function Revisions(props: { detail: Detail }) {
  return (
    <Show when={props.detail.revisions.length > 1}>
      <section class="border-t border-rule py-5">
        <h3 class="caps">Revisions</h3>
        <table class="mt-2 w-full text-table">
          <thead class="text-meta text-ink-3">
            <tr>
              <th scope="col" class="text-left font-semibold">
                Written
              </th>
              <th scope="col" class="text-left font-semibold">
                Outcome
              </th>
              <th scope="col" class="text-right font-semibold">
                Output
              </th>
              <th scope="col" class="text-right font-semibold">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            <For each={props.detail.revisions}>
              {(revision) => (
                <tr>
                  <td class="py-0.5">{exactTime(revision.settled_at)}</td>
                  <td>{outcome(revision).words}</td>
                  <td class="text-right">{count(revision.tokens.output)}</td>
                  <td class="text-right">${revision.cost_usd}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </section>
    </Show>
  );
}

function Body(props: { request: RequestRow; now: number }) {
  const request = () => props.request;
  return (
    <>
      <Facts
        title="Time"
        facts={[
          [
            "Arrived",
            <>
              {exactTime(request().created_at)} · {timeAgo(request().created_at, props.now)}
            </>,
          ],
          ["First token after", request().ttft_ms === null ? "none came" : duration(request().ttft_ms ?? 0)],
          ["Ended after", `${duration(request().duration_ms)}${request().streamed ? ", streamed" : ""}`],
          ["Settled", exactTime(request().settled_at)],
        ]}
      >
        <Timing request={request()} />
      </Facts>
      <Tokens request={request()} />
      <Facts
        title="Way"
        facts={[
          ["Provider", <Provider request={request()} />],
          ["Asked for", mono(request().requested_model)],
          ["Sent as", mono(request().upstream_model)],
          ["Served by", mono(request().served_model)],
          ["Attempts", count(request().attempts)],
          ["Stop reason", request().stop_reason],
          ["Error", mono(request().error_code)],
          ["Provider's id", mono(request().upstream_request_id)],
        ]}
      />
      <Facts
        title="Caller"
        facts={[
          ["Dialect", [dialectName(request().dialect), operationName(request().operation)].filter(Boolean).join(", ")],
          ["Client", request().client],
          ["Organization", mono(request().organization_id)],
          ["Key", mono(request().key_id)],
          ["Session", mono(request().session_id)],
          ["Agent", mono(request().agent_id)],
          ["End user", mono(request().end_user)],
          ...Object.entries(request().tags).map(([name, value]): Fact => [`Tag ${name}`, value]),
        ]}
      />
    </>
  );
}

/** Everything known of one request, in a drawer. `row` is what the list knows already. */
export function RequestDetail(props: {
  id: string | null;
  row: RequestRow | undefined;
  now: number;
  onClose: () => void;
}) {
  const [detail, { refetch }] = createResource(() => props.id, readRequest);
  const answered = () => (detail.error ? undefined : detail.latest?.id === props.id ? detail.latest : undefined);
  const request = () => props.row ?? answered();

  return (
    <Dialog open={props.id !== null} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="overlay-in fixed inset-0 z-40 bg-veil" />
        <Dialog.Content class="drawer-in fixed inset-y-0 right-0 z-50 w-full max-w-xl overflow-y-auto overscroll-contain bg-surface px-5 pb-8 shadow-overlay md:px-8">
          <div class="sticky top-0 z-10 -mx-1 flex items-start gap-3 bg-surface px-1 pt-5 pb-4">
            <div class="min-w-0 flex-1">
              <Dialog.Title class="text-[1.125rem]/6 font-semibold break-words">
                {request()?.requested_model ?? "Request"}
              </Dialog.Title>
              <Dialog.Description class="mt-1 flex flex-wrap items-center gap-x-1">
                <span class="font-mono text-meta break-all text-ink-3">{props.id}</span>
                <CopyButton text={props.id ?? ""} what="the request's id" />
              </Dialog.Description>
            </div>
            <Dialog.CloseButton as={Button} look="plain" aria-label="Close">
              Close
            </Dialog.CloseButton>
          </div>
          <Show when={request()}>
            {(known) => (
              <>
                <div class="pb-5">
                  <Outcome request={known()} />
                </div>
                <Body request={known()} now={props.now} />
              </>
            )}
          </Show>
          <Show when={detail.error}>
            <FailureNote failure={asFailure(detail.error)} onRetry={refetch} />
          </Show>
          <Show when={detail.loading && !answered()}>
            <div class="space-y-3 border-t border-rule py-5" aria-busy="true">
              <span class="skeleton block h-3 w-32" />
              <span class="skeleton block h-24 w-full" />
            </div>
          </Show>
          <Show when={answered()}>
            {(known) => (
              <>
                <Revisions detail={known()} />
                <section class="border-t border-rule py-5">
                  <h3 class="caps">The provider's usage object</h3>
                  <pre class="mt-2 overflow-x-auto rounded-panel bg-sunken p-3 font-mono text-meta" tabindex="0">
                    {known().raw_usage === null ? "none given" : JSON.stringify(known().raw_usage, null, 2)}
                  </pre>
                </section>
              </>
            )}
          </Show>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
}
