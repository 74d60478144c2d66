import { LogOut, UserRound } from "lucide-react";
import { Button, Menu } from "trellis-ui";
import { useSignOut } from "./session.ts";

interface AccountMenuProps {
  readonly who: { readonly workspace: string; readonly scopes: readonly string[]; readonly label: string } | undefined;
}

/** Says whose links these are, and ends the session. */
export function AccountMenu({ who }: AccountMenuProps) {
  const signOut = useSignOut();
  if (!who) return null;
  const may = who.scopes.includes("*") ? "The owner’s key: may do everything." : `May: ${who.scopes.join(", ")}.`;
  return (
    <Menu
      label="Account"
      heading={
        <>
          Workspace <b>{who.workspace}</b>
          <br />
          {who.label ? `Key “${who.label}”. ` : null}
          {may}
        </>
      }
      actions={[{ id: "out", label: "Sign out", icon: <LogOut size={16} />, onAction: () => signOut.mutate() }]}
    >
      <Button kind="plain" icon aria-label="Account">
        <UserRound size={16} aria-hidden="true" />
      </Button>
    </Menu>
  );
}
