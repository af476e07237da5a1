import { Page } from "../../components/page.tsx";

/** To be written. */
export function SettingsPage() {
  return <Page title="Settings">{null}</Page>;
}
