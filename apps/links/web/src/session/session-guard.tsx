import { useQuery } from "@tanstack/react-query";
import { Navigate, useLocation } from "@tanstack/react-router";
import { useRef, useSyncExternalStore } from "react";
import { ModalDialog } from "trellis-ui";
import { sessionQuery } from "./session.ts";
import { sessionGate } from "./session-gate.ts";
import { SignInForm } from "./sign-in-form.tsx";

/**
 * Asks for a key only where the server has refused one. Whoever comes without a session is led to the page for it;
 * whoever loses it while working is asked on top of that work, so that nothing typed is lost.
 */
export function SessionGuard() {
  const open = useSyncExternalStore(sessionGate.subscribe, () => sessionGate.open);
  const { href, pathname } = useLocation();
  const elsewhere = pathname !== "/sign-in";
  const { data } = useQuery({ ...sessionQuery, enabled: elsewhere && open });
  const hadOne = useRef(false);
  if (data) hadOne.current = true;
  if (open || !elsewhere) return null;
  if (!hadOne.current) return <Navigate to="/sign-in" search={href === "/" ? {} : { to: href }} replace />;
  return (
    <ModalDialog title="Sign in to go on" onClose={() => sessionGate.reopen()}>
      <p className="quiet session-lost">Your session has ended. What you have typed is still here.</p>
      <SignInForm onSignedIn={() => sessionGate.reopen()} />
    </ModalDialog>
  );
}
