import { useCallback, useSyncExternalStore } from "react";

/** Whether a media query holds now: `(max-width: 640px)`. For what CSS alone cannot fold away. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

/** True on a phone: columns fold away and drawers become sheets. */
export function usePhone(): boolean {
  return useMedia("(max-width: 640px)");
}
