import { Page } from "../../components/page.tsx";

/** To be written. */
export function BudgetsPage() {
  return <Page title="Budgets">{null}</Page>;
}
