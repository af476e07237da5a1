import { Page } from "../../components/page.tsx";

/** To be written. */
export function PlaygroundPage() {
  return <Page title="Playground">{null}</Page>;
}
