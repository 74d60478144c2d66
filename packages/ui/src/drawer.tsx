import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Button } from "./button.tsx";
import "./drawer.css";

interface DrawerProps {
  /** Names the drawer; shown in its header. */
  readonly title: ReactNode;
  /** Buttons in the header, before the one that closes. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** One thing in full, beside what it was chosen from; on a phone a sheet. Escape and a click beside it close it. */
export function Drawer({ title, actions, children, onClose }: DrawerProps) {
  return (
    <ModalOverlay
      className="drawer-scrim"
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="drawer">
        <Dialog className="drawer-dialog">
          <header className="drawer-header">
            <Heading slot="title" level={2} className="drawer-title">
              {title}
            </Heading>
            <div className="drawer-actions">
              {actions}
              <Button kind="plain" icon aria-label="Close" onPress={onClose}>
                <X size={18} aria-hidden="true" />
              </Button>
            </div>
          </header>
          <div className="drawer-body">{children}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
