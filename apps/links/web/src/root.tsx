import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { RouterProvider } from "react-aria-components";
import { Shell, Toasts } from "trellis-ui";
import { LinksPalette } from "./links-palette.tsx";
import { AccountMenu } from "./session/account-menu.tsx";
import { sessionQuery } from "./session/session.ts";
import { SessionGuard } from "./session/session-guard.tsx";

/** What is around every page: the header, the palette, toasts, and whoever asks for a key. */
export function Root() {
  const { history } = useRouter();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const [finding, setFinding] = useState(false);
  const signingIn = path === "/sign-in";
  const { data: who } = useQuery({ ...sessionQuery, enabled: false });
  const pages = [
    // The product's name leads to its links.
    { href: "/operations", label: "Operations", current: path === "/operations" },
  ];
  return (
    <RouterProvider navigate={(to) => history.push(to)}>
      <Shell
        product="Links"
        mark={<Link2 size={24} strokeWidth={2.25} />}
        pages={signingIn ? [] : pages}
        {...(signingIn ? {} : { onFind: () => setFinding(true), account: <AccountMenu who={who} /> })}
      >
        <Outlet />
      </Shell>
      {signingIn ? null : <LinksPalette open={finding} onOpenChange={setFinding} />}
      <SessionGuard />
      <Toasts />
    </RouterProvider>
  );
}
