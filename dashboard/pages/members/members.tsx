import { Page } from "../../components/page.tsx";

/** To be written. */
export function MembersPage() {
  return <Page title="Members">{null}</Page>;
}
