import { Page } from "../../components/page.tsx";

/** To be written. */
export function OrganizationsPage() {
  return <Page title="Organizations">{null}</Page>;
}
