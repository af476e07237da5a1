import { Page } from "../../components/page.tsx";

/** To be written. */
export function OverviewPage() {
  return <Page title="Overview">{null}</Page>;
}
