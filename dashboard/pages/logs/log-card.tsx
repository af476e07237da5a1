import type { RequestRow } from "../../api/requests.ts";
import { Cost, Outcome } from "../../components/request-cells.tsx";
import { duration } from "../../format/numbers.ts";
import { preciseTime } from "../../format/time.ts";
import { TableBox } from "./table-box.tsx";

/** A request where a screen has no room for columns: what it was, how it ended, what it cost. */
export function LogCard(props: { row: RequestRow }) {
  return (
    <TableBox role="cell" class="px-1 py-2.5">
      <div class="flex items-center justify-between gap-3">
        <button type="button" class="min-w-0 truncate text-left font-medium outline-none">
          {props.row.requested_model}
        </button>
        <span class="shrink-0">
          <Cost request={props.row} />
        </span>
      </div>
      <div class="mt-0.5 flex items-center justify-between gap-3 text-meta text-ink-3">
        <Outcome request={props.row} />
        <span class="shrink-0">
          {preciseTime(props.row.created_at)} · {duration(props.row.duration_ms)}
        </span>
      </div>
    </TableBox>
  );
}
