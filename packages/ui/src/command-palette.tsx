import { Search } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Dialog } from "react-aria-components/Dialog";
import { Input } from "react-aria-components/Input";
import { Menu, MenuItem } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { SearchField } from "react-aria-components/SearchField";
import { Text } from "react-aria-components/Text";
import "./command-palette.css";

export interface Command {
  readonly id: string;
  readonly label: string;
  /** What it is about, quieter. */
  readonly detail?: string;
  readonly icon: ReactNode;
  readonly shortcut?: string;
  readonly run: () => void;
}

interface CommandPaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly query: string;
  readonly onQueryChange: (query: string) => void;
  /** What fits the query, the best first. At most nine are shown: a list that scrolled could not be told from its field. */
  readonly commands: readonly Command[];
  readonly placeholder: string;
}

const commandsMax = 9;

/** Finds and does, from anywhere: opened by ⌘K or Ctrl K. */
export function CommandPalette(props: CommandPaletteProps) {
  const { open, onOpenChange, query, onQueryChange, commands, placeholder } = props;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      onOpenChange(!open);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [open, onOpenChange]);
  return (
    <ModalOverlay className="palette-scrim" isOpen={open} onOpenChange={onOpenChange} isDismissable>
      <Modal className="palette">
        <Dialog className="palette-dialog" aria-label={placeholder}>
          <Autocomplete inputValue={query} onInputChange={onQueryChange}>
            <SearchField className="palette-field" aria-label={placeholder} autoFocus>
              <Search size={18} aria-hidden="true" />
              <Input placeholder={placeholder} />
              <kbd>Esc</kbd>
            </SearchField>
            <Menu
              className="palette-menu"
              aria-label="What can be done"
              items={commands.slice(0, commandsMax)}
              renderEmptyState={() => <p className="palette-empty">Nothing fits “{query}”.</p>}
            >
              {({ id, label, detail, icon, shortcut, run }) => (
                <MenuItem
                  id={id}
                  className="palette-item"
                  textValue={label}
                  onAction={() => {
                    onOpenChange(false);
                    run();
                  }}
                >
                  <span className="menu-icon" aria-hidden="true">
                    {icon}
                  </span>
                  <Text slot="label" className="palette-label">
                    {label}
                    {detail ? <span className="palette-detail">{detail}</span> : null}
                  </Text>
                  {shortcut ? <kbd>{shortcut}</kbd> : null}
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
