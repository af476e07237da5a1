import { Page } from "../../components/page.tsx";

/** To be written. */
export function StartPage() {
  return <Page title="Start">{null}</Page>;
}
