import { For, type JSX, Show } from "solid-js";
import type { RequestDetail, RequestRow } from "../api/client.ts";
import { count, duration } from "../format/numbers.ts";
import { dialectName, operationName, outcome } from "../format/request.ts";
import { exactTime, timeAgo } from "../format/time.ts";
import { Cost, Provider } from "../parts/request-cells.tsx";

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
    <div class="mt-4 text-meta text-ink-3" aria-hidden="true">
      <svg class="block h-2 w-full" viewBox="0 0 100 8" preserveAspectRatio="none" role="presentation">
        <rect class="fill-edge" width={percent()} height="8" />
        <rect class="fill-accent" x={percent()} width={100 - percent()} height="8" />
      </svg>
      <div class="mt-1 flex justify-between">
        <span>{duration(first())} waiting</span>
        <span>{duration(total() - first())} receiving</span>
      </div>
    </div>
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

/** What was written about a request, when it was more than once. */
export function Revisions(props: { detail: RequestDetail }) {
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

/** The provider's wire format, when it was not the client's. */
const translatedTo = ({ dialect, upstream_dialect: upstream }: RequestRow): string | null =>
  upstream === null || upstream === dialect ? null : dialectName(upstream);

/** What translation had to drop, change or emulate: a code, and where it stood in the client's request. */
function NotKept(props: { warnings: readonly string[] }) {
  const parts = (warning: string): [code: string, path: string] => {
    const at = warning.indexOf("@");
    return at < 0 ? [warning, ""] : [warning.slice(0, at), warning.slice(at + 1)];
  };
  return (
    <Show when={props.warnings.length > 0}>
      <h4 class="mt-4 text-meta text-ink-3">Not kept in translation</h4>
      <ul class="mt-1 space-y-0.5 text-table" aria-label="Not kept in translation">
        <For each={props.warnings.map(parts)}>
          {([code, path]) => (
            <li class="break-words">
              {code.replaceAll("_", " ")} <span class="font-mono text-meta text-ink-3 break-all">{path}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

/** Time, tokens and cost, the way it took, and who asked. */
export function RequestFacts(props: { request: RequestRow; now: number }) {
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
          ["Translated to", translatedTo(request())],
          ["Attempts", count(request().attempts)],
          ["Stop reason", request().stop_reason],
          ["Error", mono(request().error_code)],
          ["Provider's id", mono(request().upstream_request_id)],
        ]}
      >
        <NotKept warnings={request().warnings} />
      </Facts>
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
