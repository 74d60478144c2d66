import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import "./button.css";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "style"> {
  /** `solid` for the one thing a view is for; `plain` for what stands in a row of icons. */
  readonly kind?: "solid" | "outline" | "plain" | "danger";
  /** Square, for an icon alone: needs an `aria-label`. */
  readonly icon?: boolean;
}

/** Does something. Its words are a verb. While `isPending` it keeps its place and its focus. */
export function Button({ kind = "outline", icon = false, ...props }: ButtonProps) {
  return <AriaButton {...props} className={`button button-${kind}${icon ? " button-icon" : ""}`} />;
}
