import type { StatsQuery } from "../../api/stats.ts";
import { WhenNear } from "../../components/when-near.tsx";
import type { Scope } from "../../state/scope.ts";
import type { GroupBy } from "../../usage/groups.ts";
import type { MetricId } from "../../usage/metrics.ts";
import { Attention } from "./attention.tsx";
import { LiveRequests } from "./live-requests.tsx";
import { Movers } from "./movers.tsx";
import { WhatRuns } from "./what-runs.tsx";

/** What needs attention, what changed most, what runs through now. */
export const BelowChart = (props: {
  /** Whether the figures above are there: they come first. */
  isThere: boolean;
  query: StatsQuery;
  live: StatsQuery;
  metric: MetricId;
  group: GroupBy;
  scope: Scope;
}) => (
  <>
    <div class="mb-8 grid min-h-54 gap-8 lg:grid-cols-2">
      <Attention organization={props.scope.organization()} />
      <WhenNear after={props.isThere}>
        {(near) => (
          <Movers near={near()} query={props.query} metric={props.metric} group={props.group} scope={props.scope} />
        )}
      </WhenNear>
    </div>
    <WhenNear after={props.isThere}>{(near) => <LiveRequests near={near()} query={props.live} />}</WhenNear>
  </>
);

/** What runs, once somebody comes near. */
export const WhatRunsNear = () => <WhenNear after>{(near) => <WhatRuns near={near()} />}</WhenNear>;
