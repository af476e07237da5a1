// Runs before the first paint, so that a theme chosen earlier does not flash; a file, since the policy allows no inline script.
try {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // Storage is switched off: the system's theme it is.
}
