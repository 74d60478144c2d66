import { useNavigate } from "@tanstack/react-router";
import { Archive, ArchiveRestore, Copy, Ellipsis, ExternalLink, Pencil, QrCode } from "lucide-react";
import { Button as AriaButton } from "react-aria-components/Button";
import { copyText, Menu, type MenuAction, showToast } from "trellis-ui";
import type { CountedLink } from "../../../src/contract.ts";
import { bareAddress } from "../bare-address.ts";
import { useRestore } from "./use-restore.ts";

interface LinkActionsProps {
  readonly link: CountedLink;
  readonly onArchive: () => void;
}

/** What can be done with a link, with the keys that do the same while its row has the focus. */
export function LinkActions({ link, onArchive }: LinkActionsProps) {
  const navigate = useNavigate();
  const restore = useRestore();
  const address = bareAddress(link.url);
  const show = (what: "qr" | "edit") =>
    void navigate({
      to: "/links/$code",
      params: { code: link.code },
      search: (before) => ({ ...before, show: what }) as never,
    });
  const copy = async () => {
    if (await copyText(link.url)) showToast({ text: `Copied ${address}` });
  };
  const live: MenuAction[] = [
    { id: "edit", label: "Edit the target", icon: <Pencil size={16} />, shortcut: "E", onAction: () => show("edit") },
    {
      id: "archive",
      label: "Archive",
      icon: <Archive size={16} />,
      shortcut: "Del",
      danger: true,
      onAction: onArchive,
    },
  ];
  const archived: MenuAction[] = [
    { id: "restore", label: "Restore", icon: <ArchiveRestore size={16} />, onAction: () => restore.mutate(link) },
  ];
  const actions: MenuAction[] = [
    { id: "copy", label: "Copy", icon: <Copy size={16} />, shortcut: "C", onAction: () => void copy() },
    { id: "open", label: "Open the target", icon: <ExternalLink size={16} />, onAction: () => openTarget(link.target) },
    { id: "qr", label: "QR code", icon: <QrCode size={16} />, shortcut: "Q", onAction: () => show("qr") },
    ...(link.state === "active" ? live : archived),
  ];
  return (
    <Menu label={`Actions for ${address}`} actions={actions}>
      <AriaButton className="button button-plain button-icon link-menu" aria-label={`Actions for ${address}`}>
        <Ellipsis size={16} aria-hidden="true" />
      </AriaButton>
    </Menu>
  );
}

/** The target itself, so that whoever looks after a link does not count as somebody who followed it. */
function openTarget(target: string): void {
  window.open(target, "_blank", "noopener,noreferrer");
}
