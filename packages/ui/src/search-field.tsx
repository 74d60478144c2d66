import { Search, X } from "lucide-react";
import type { Ref } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { SearchField as AriaSearchField } from "react-aria-components/SearchField";
import "./search-field.css";

interface SearchFieldProps {
  /** For who does not see the magnifying glass. */
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The key that leads here, shown while the field is empty. */
  readonly shortcut?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** Searches while one types; Escape empties it. */
export function SearchField({ label, placeholder, value, onChange, shortcut, inputRef }: SearchFieldProps) {
  return (
    <AriaSearchField className="search-field" aria-label={label} value={value} onChange={onChange}>
      <Search size={16} aria-hidden="true" />
      <Input placeholder={placeholder} {...(inputRef ? { ref: inputRef } : {})} />
      {shortcut && value === "" ? <kbd>{shortcut}</kbd> : null}
      <Button className="search-field-clear" aria-label="Clear the search">
        <X size={14} aria-hidden="true" />
      </Button>
    </AriaSearchField>
  );
}
