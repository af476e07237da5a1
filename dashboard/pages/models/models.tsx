import { Page } from "../../components/page.tsx";

/** To be written. */
export function ModelsPage() {
  return <Page title="Models">{null}</Page>;
}
