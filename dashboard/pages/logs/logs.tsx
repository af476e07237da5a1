import { Page } from "../../components/page.tsx";

/** To be written. */
export function LogsPage() {
  return <Page title="Logs">{null}</Page>;
}
