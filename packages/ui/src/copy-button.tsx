import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, type ButtonProps } from "./button.tsx";
import { copyText } from "./copy-text.ts";

interface CopyButtonProps extends Pick<ButtonProps, "kind" | "autoFocus"> {
  readonly text: string;
  /** What is copied, as in "Copy the short address". */
  readonly what: string;
  /** Shows the word too, not the icon alone. */
  readonly word?: boolean;
}

/** How long it says that it has copied. */
const saidMs = 2_000;

/** Copies with one click, and says so in its own place and to screen readers. */
export function CopyButton({ text, what, word = false, kind = "plain", ...props }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"copied" | "refused">();
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), saidMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  const press = async () => setOutcome((await copyText(text)) ? "copied" : "refused");
  const said = outcome === "copied" ? "Copied" : outcome === "refused" ? "Select and copy by hand" : undefined;
  return (
    <>
      <Button {...props} kind={kind} icon={!word} {...(word ? {} : { "aria-label": `Copy ${what}` })} onPress={press}>
        {outcome === "copied" ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
        {word ? (said ?? "Copy") : null}
        {word && !said ? <span className="visually-hidden"> {what}</span> : null}
      </Button>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </>
  );
}
