import { useSyncExternalStore } from "react";

export type Scheme = "light" | "dark";

/** Read by page.js, which runs before the first paint. */
const kept = "trellis-scheme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function read(): Scheme {
  const chosen = document.documentElement.dataset.scheme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return system.matches ? "dark" : "light";
}

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) system.addEventListener("change", tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) system.removeEventListener("change", tell);
  };
}

/** The scheme that is shown: the person's choice, or else the system's. */
export function useScheme(): Scheme {
  return useSyncExternalStore(subscribe, read);
}

/** Shows the other scheme, and keeps that choice. What the system shows anyway is kept as no choice. */
export function toggleScheme(): void {
  const next: Scheme = read() === "dark" ? "light" : "dark";
  const asSystem = next === (system.matches ? "dark" : "light");
  const { dataset } = document.documentElement;
  if (asSystem) delete dataset.scheme;
  else dataset.scheme = next;
  try {
    if (asSystem) localStorage.removeItem(kept);
    else localStorage.setItem(kept, next);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
  tell();
}
