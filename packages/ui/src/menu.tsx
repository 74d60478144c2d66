import type { ReactNode } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Text } from "react-aria-components/Text";
import "./menu.css";

export interface MenuAction {
  readonly id: string;
  /** A verb, as a rule. */
  readonly label: string;
  readonly icon?: ReactNode;
  /** The key that does the same, shown beside it. */
  readonly shortcut?: string;
  readonly danger?: boolean;
  readonly onAction: () => void;
}

interface MenuProps {
  /** What the menu is of, for screen readers. */
  readonly label: string;
  /** The button that opens it. */
  readonly children: ReactNode;
  readonly actions: readonly MenuAction[];
  /** Shown above the actions, not to be chosen. */
  readonly heading?: ReactNode;
}

/** Actions behind one button. Arrow keys, letters and Escape work. */
export function Menu({ label, children, actions, heading }: MenuProps) {
  return (
    <MenuTrigger>
      {children}
      <Popover className="menu-popover" placement="bottom end" offset={4}>
        {heading ? <div className="menu-heading">{heading}</div> : null}
        <AriaMenu className="menu" aria-label={label} items={actions}>
          {({ id, label: verb, icon, shortcut, danger, onAction }) => (
            <MenuItem
              id={id}
              className={danger ? "menu-item menu-item-danger" : "menu-item"}
              textValue={verb}
              onAction={onAction}
            >
              <span className="menu-icon" aria-hidden="true">
                {icon}
              </span>
              <Text slot="label">{verb}</Text>
              {shortcut ? <span className="menu-key" data-key={shortcut} /> : null}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
