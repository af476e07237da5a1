import { createMemo } from "solid-js";
import { encode } from "uqr";
import { t } from "../../text/text.ts";
import { qrPath } from "./qr-path.ts";

/** Modules of light around a code, as readers want it (ISO/IEC 18004). */
const QUIET = 4;

/** A text as a QR code, dark on light in either theme: not every reader takes it the other way round. */
export function QrCode(props: { text: string }) {
  const code = createMemo(() => encode(props.text, { border: QUIET, ecc: "M" }));
  return (
    <svg
      role="img"
      aria-label={t("account.factors.qr")}
      viewBox={`0 0 ${code().size} ${code().size}`}
      class="size-48 shrink-0 rounded-panel border border-edge bg-surface scheme-light"
      shape-rendering="crispEdges"
    >
      <path class="fill-ink" d={qrPath(code().data)} />
    </svg>
  );
}
