import { Moon, Search, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-aria-components/Link";
import { Button } from "./button.tsx";
import { toggleScheme, useScheme } from "./scheme.ts";
import "./shell.css";

interface ShellProps {
  readonly product: string;
  readonly mark: ReactNode;
  /** The product's pages, the present one marked. */
  readonly pages: readonly { readonly href: string; readonly label: string; readonly current: boolean }[];
  /** Opens the palette; left out where there is none. */
  readonly onFind?: () => void;
  /** At the end of the header: whose account it is. */
  readonly account?: ReactNode;
  readonly children: ReactNode;
}

const findKeys = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

/** What all pages of a product have around them. */
export function Shell({ product, mark, pages, onFind, account, children }: ShellProps) {
  const scheme = useScheme();
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="shell-header">
        <Link href="/" className="shell-brand">
          <span className="shell-mark" aria-hidden="true">
            {mark}
          </span>
          <span className="shell-product">{product}</span>
        </Link>
        <nav className="shell-pages" aria-label="Pages">
          {pages.map(({ href, label, current }) => (
            <Link
              key={href}
              href={href}
              className="shell-page"
              {...(current ? { "aria-current": "page" as const } : {})}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div className="shell-tools">
          {onFind ? (
            <Button onPress={onFind} aria-keyshortcuts="Meta+K Control+K">
              <Search size={16} aria-hidden="true" />
              <span className="shell-find-words">Find or do</span>
              <kbd>{findKeys}</kbd>
            </Button>
          ) : null}
          <Button
            kind="plain"
            icon
            aria-label={scheme === "dark" ? "Use the light scheme" : "Use the dark scheme"}
            onPress={toggleScheme}
          >
            {scheme === "dark" ? <Moon size={16} aria-hidden="true" /> : <Sun size={16} aria-hidden="true" />}
          </Button>
          {account}
        </div>
      </header>
      <main id="content" className="shell-content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
