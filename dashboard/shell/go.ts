import { useNavigate } from "@solidjs/router";
import { carriedSearch } from "../state/scope.ts";

/** Goes to another page; whose usage of which time is looked at goes along. */
export function useGo(): (path: string) => void {
  const navigate = useNavigate();
  return (path) => navigate(`${path}${path.includes("?") ? "" : carriedSearch(window.location.search)}`);
}
