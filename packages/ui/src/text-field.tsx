import type { ReactNode, Ref } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextField as AriaTextField, type TextFieldProps as AriaTextFieldProps } from "react-aria-components/TextField";
import "./text-field.css";

export interface TextFieldProps extends Omit<AriaTextFieldProps, "className" | "style" | "children" | "ref"> {
  readonly label: string;
  /** What helps to fill it in. Gives way to the error. */
  readonly hint?: ReactNode;
  /** What is wrong and how to mend it: stands under the field and is announced. */
  readonly error?: string | undefined;
  readonly placeholder?: string;
  /** For keys and for addresses while they are typed. */
  readonly mono?: boolean;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** One line of text with its label and its error. */
export function TextField({ label, hint, error, placeholder, mono, inputRef, ...props }: TextFieldProps) {
  return (
    <AriaTextField {...props} className="text-field" isInvalid={error !== undefined} validationBehavior="aria">
      <Label className="text-field-label">{label}</Label>
      <Input
        className={mono ? "text-input mono" : "text-input"}
        {...(inputRef ? { ref: inputRef } : {})}
        {...(placeholder === undefined ? {} : { placeholder })}
      />
      {error === undefined && hint !== undefined ? (
        <Text slot="description" className="text-field-hint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  );
}
