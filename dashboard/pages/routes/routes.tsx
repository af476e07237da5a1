import { Page } from "../../components/page.tsx";

/** To be written. */
export function RoutesPage() {
  return <Page title="Routes">{null}</Page>;
}
