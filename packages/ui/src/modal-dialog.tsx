import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "./button.tsx";
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
          <header className="modal-header">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <Button kind="plain" icon aria-label="Close" onPress={onClose}>
              <X size={18} aria-hidden="true" />
            </Button>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
