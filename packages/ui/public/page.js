// Runs before the first paint, from <head>.
// The person's choice of scheme, without a flash of the other one:
try {
  const chosen = localStorage.getItem("trellis-scheme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.scheme = chosen;
} catch {
  // Storage may be forbidden: the system's scheme it is.
}
// zod would try whether it may compile its checks, which the page's policy forbids and reports:
globalThis.__zod_globalConfig = { jitless: true };
