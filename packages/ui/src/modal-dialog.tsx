import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import "./modal-dialog.css";

interface ModalDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Called where the person gave up: by Escape or a click beside it. */
  readonly onClose: () => void;
}

/** Asks for something before anything else can go on. For what can be undone, do it and offer the undo instead. */
export function ModalDialog({ title, children, onClose }: ModalDialogProps) {
  return (
    <ModalOverlay
      className="modal-scrim"
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal">
        <Dialog className="modal-dialog">
          <Heading slot="title" level={2} className="modal-title">
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
