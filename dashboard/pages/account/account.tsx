import { Page } from "../../components/page.tsx";

/** To be written. */
export function AccountPage() {
  return <Page title="Account">{null}</Page>;
}
