const listeners = new Set<(target: string | undefined) => void>();

/** Leads to the field from anywhere; with `target` in it. Once the page with the field is shown, if it is not. */
export function focusShortenField(target?: string): void {
  requestAnimationFrame(() => {
    for (const listener of listeners) listener(target);
  });
}

/** Called by the field. */
export function onFocusShortenField(listener: (target: string | undefined) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
