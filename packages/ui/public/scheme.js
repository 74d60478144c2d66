// Runs before the first paint, from <head>: the person's choice of scheme without a flash of the other one.
try {
  const chosen = localStorage.getItem("trellis-scheme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.scheme = chosen;
} catch {
  // Storage may be forbidden: the system's scheme it is.
}
