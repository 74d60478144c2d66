import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useRef } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components/Table";
import { TableLayout, Virtualizer } from "react-aria-components/Virtualizer";
import { CopyButton, Count, copyText, RelativeTime, Sparkline, showToast, usePhone } from "trellis-ui";
import type { CountedLink } from "../../../src/contract.ts";
import { bareAddress, splitAddress } from "../bare-address.ts";
import { ShortAddress } from "../short-address.tsx";
import { LinkActions } from "./link-actions.tsx";
import "./link-table.css";
import { useArchive } from "./use-archive.ts";

interface LinkTableProps {
  readonly links: readonly CountedLink[];
}

const rowHeight = 58;
const headingHeight = 36;

/** The links, one a row: a click opens it, the menu at its end acts on it. Only the rows in sight are in the page. */
export function LinkTable({ links }: LinkTableProps) {
  const phone = usePhone();
  const box = useRef<HTMLDivElement>(null);
  const actions = useLinkActions(links, box);
  const columns = phone ? phoneColumns : wideColumns;
  return (
    <div ref={box} className="link-table-box" onKeyDownCapture={actions.onKey}>
      <Virtualizer layout={TableLayout} layoutOptions={{ rowHeight: phone ? 64 : rowHeight, headingHeight }}>
        <Table aria-label="Links" className="link-table" onRowAction={(code) => actions.open(String(code))}>
          <TableHeader columns={columns}>
            {({ id, name, width, end }) => (
              <Column
                id={id}
                width={width}
                isRowHeader={id === "code"}
                className={end ? "link-column link-end" : "link-column"}
              >
                {name}
              </Column>
            )}
          </TableHeader>
          <TableBody>
            {links.map((link) => (
              <Row key={link.code} id={link.code} className="link-row" columns={columns} textValue={link.code}>
                {({ id, end }) => (
                  <Cell className={end ? `link-cell link-cell-${id} link-end` : `link-cell link-cell-${id}`}>
                    {cells[id](link, phone, () => actions.archive(link))}
                  </Cell>
                )}
              </Row>
            ))}
          </TableBody>
        </Table>
      </Virtualizer>
    </div>
  );
}

interface LinkColumn {
  readonly id: "code" | "target" | "clicks" | "created" | "actions";
  readonly name: React.ReactNode;
  readonly width: number | `${number}fr`;
  readonly end?: boolean;
}

const actionsColumn: LinkColumn = {
  id: "actions",
  name: <span className="visually-hidden">Actions</span>,
  width: 58,
  end: true,
};
const wideColumns: readonly LinkColumn[] = [
  { id: "code", name: "Short link", width: "4fr" },
  { id: "target", name: "Target", width: "6fr" },
  { id: "clicks", name: "Last 24 hours, all clicks", width: 216, end: true },
  { id: "created", name: "Created", width: 120, end: true },
  actionsColumn,
];
const phoneColumns: readonly LinkColumn[] = [
  { id: "code", name: "Short link", width: "1fr" },
  { id: "clicks", name: "Clicks", width: 84, end: true },
  actionsColumn,
];

/** What stands in each column. */
const cells: Record<LinkColumn["id"], (link: CountedLink, phone: boolean, archive: () => void) => React.ReactNode> = {
  code: ({ url, code, target, state }, phone) => (
    <div className="link-code">
      <span className="link-code-line">
        <ShortAddress url={url} code={code} />
        {state === "archived" ? <span className="link-archived">Archived</span> : null}
        {phone ? null : <CopyButton text={url} what={bareAddress(url)} />}
      </span>
      {phone ? <span className="link-rest">{bareAddress(target)}</span> : null}
    </div>
  ),
  target: ({ target }) => {
    const { site, rest } = splitAddress(target);
    return (
      <span className="link-target" title={target}>
        <span className="link-site">{site}</span>
        {rest ? <span className="link-rest">{rest}</span> : null}
      </span>
    );
  },
  clicks: ({ clicks, lastDay }, phone) => (
    <span className="link-clicks">
      {phone ? null : <Sparkline values={lastDay} />}
      <span className="link-count">
        <Count value={clicks.humans} compact />
      </span>
    </span>
  ),
  created: ({ createdAt }) => (
    <span className="quiet">
      <RelativeTime at={createdAt} />
    </span>
  ),
  actions: (link, _phone, archive) => <LinkActions link={link} onArchive={archive} />,
};

/** What a row's keys and menu do: C copies, E edits, Q shows the QR code, Delete archives. */
function useLinkActions(links: readonly CountedLink[], box: React.RefObject<HTMLDivElement | null>) {
  const navigate = useNavigate();
  const archiving = useArchive();
  const open = (code: string, show?: "qr" | "edit") =>
    void navigate({
      to: "/links/$code",
      params: { code },
      search: ({ q, state, sort }) => ({ ...{ q, state, sort }, ...(show ? { show } : {}) }) as never,
    });
  const archive = ({ code, url, state }: CountedLink) => {
    if (state === "archived") return;
    const index = links.findIndex((link) => link.code === code);
    const next = links[index + 1] ?? links[index - 1];
    archiving.mutate({ code, address: bareAddress(url) });
    // After the row has gone and the menu has given the focus back to where nothing is any more.
    if (next) setTimeout(() => focusRow(box.current, next.code), 50);
  };
  const onKey = (event: KeyboardEvent) => {
    const { key, metaKey, ctrlKey, altKey, target } = event;
    const row = target instanceof Element ? target.closest<HTMLElement>("[role=row][data-key]") : null;
    const link = links.find(({ code }) => code === row?.dataset.key);
    if (!link || metaKey || ctrlKey || altKey) return;
    const done = {
      c: () => void copyText(link.url).then(() => showToast({ text: `Copied ${bareAddress(link.url)}` })),
      e: () => open(link.code, "edit"),
      q: () => open(link.code, "qr"),
      Delete: () => archive(link),
      Backspace: () => archive(link),
    }[key];
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
    done();
  };
  return { open, archive, onKey };
}

function focusRow(box: HTMLElement | null, code: string): void {
  const row = box?.querySelector<HTMLElement>(`[role=row][data-key="${CSS.escape(code)}"]`);
  (row?.querySelector<HTMLElement>(".link-menu") ?? row)?.focus();
}
