import { Page } from "../../components/page.tsx";

/** To be written. */
export function KeysPage() {
  return <Page title="Keys">{null}</Page>;
}
