import { useLocation } from "@tanstack/react-router";
import { Unlink } from "lucide-react";
import { Link } from "react-aria-components/Link";
import { EmptyState } from "trellis-ui";
import { usePageTitle } from "./use-page-title.ts";

/** For addresses of this app that lead nowhere. */
export function NotFoundPage() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  usePageTitle("Not found");
  return (
    <>
      <h1 className="visually-hidden">Nothing is here</h1>
      <EmptyState
        icon={<Unlink size={20} />}
        title="Nothing is here"
        action={
          <Link href="/" className="button button-solid">
            Go to your links
          </Link>
        }
      >
        No page has the address <code>{path}</code>. It may have been mistyped.
      </EmptyState>
    </>
  );
}
