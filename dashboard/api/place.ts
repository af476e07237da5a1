const KEPT = "place";

/** The organization that somebody with roles on several has chosen to act at; null: the one of their highest role. */
export const place = (): string | null => sessionStorage.getItem(KEPT);

/** Chooses another; what is on the page must be asked anew. */
export function setPlace(organization: string | null): void {
  if (organization === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, organization);
}
