import { Page } from "../../components/page.tsx";

/** To be written. */
export function SessionsPage() {
  return <Page title="Sessions">{null}</Page>;
}
