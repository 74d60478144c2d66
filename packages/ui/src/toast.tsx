import { X } from "lucide-react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Text } from "react-aria-components/Text";
import {
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components/Toast";
import "./toast.css";

interface Said {
  readonly text: string;
  readonly undo?: (() => void) | undefined;
  /** A failure stays until it is closed. */
  readonly failed?: boolean;
}

/** How long what can be undone may be undone with one click. */
const undoMs = 8_000;
const saidMs = 5_000;

const queue = new ToastQueue<Said>({ maxVisibleToasts: 1 });

/** Says what has been done, over the page. A new one takes the place of the one before. */
export function showToast(said: Said): void {
  for (const { key } of queue.visibleToasts) queue.close(key);
  queue.add(said, said.failed ? {} : { timeout: said.undo ? undoMs : saidMs });
}

/** Where toasts appear. Once a page, at its end. F6 leads there. */
export function Toasts() {
  return (
    <ToastRegion queue={queue} className="toasts" aria-label="What has just happened">
      {({ toast }) => (
        <AriaToast toast={toast} className="toast">
          <ToastContent className="toast-content">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.undo ? (
            <AriaButton
              className="toast-undo"
              onPress={() => {
                toast.content.undo?.();
                queue.close(toast.key);
              }}
            >
              Undo
            </AriaButton>
          ) : null}
          <AriaButton slot="close" className="toast-close" aria-label="Close">
            <X size={16} aria-hidden="true" />
          </AriaButton>
        </AriaToast>
      )}
    </ToastRegion>
  );
}
