import { ArrowDownUp, Check } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, formatCount, Menu, SearchField, Segmented, usePhone } from "trellis-ui";
import { type LinkSearch, sorts, states } from "../link-search.ts";
import "./list-controls.css";

interface ListControlsProps {
  readonly search: LinkSearch;
  /** How many are shown; undefined while nobody knows. */
  readonly count: { readonly shown: number; readonly more: boolean } | undefined;
  readonly onChange: (search: LinkSearch) => void;
}

type Sort = keyof typeof sorts;
type State = keyof typeof states;

/** Search as you type, filter by state, sort: what they say is in the address. */
export function ListControls({ search, count, onChange }: ListControlsProps) {
  const { sort, state } = search;
  const setSort = (chosen: Sort) => {
    const { sort: _before, ...rest } = search;
    onChange(chosen === "newest" ? rest : { ...rest, sort: chosen });
  };
  const setState = (chosen: State) => {
    const { state: _before, ...rest } = search;
    onChange(chosen === "active" ? rest : { ...rest, state: chosen });
  };
  const phone = usePhone();
  const sortNow: Sort = sort ?? "newest";
  return (
    <div className="list-controls">
      <h2 id="links-title">
        Links{" "}
        <span className="list-count" role="status">
          {count ? `${formatCount(count.shown)}${count.more ? "+" : ""}` : ""}
          <span className="visually-hidden">{count ? " shown" : "Loading"}</span>
        </span>
      </h2>
      <div className="list-filters">
        <Segmented label="State" options={states} value={state ?? "active"} onChange={setState} />
        <Menu
          label="Sort"
          actions={(Object.keys(sorts) as Sort[]).map((id) => ({
            id,
            label: sorts[id],
            icon: id === sortNow ? <Check size={16} /> : null,
            onAction: () => setSort(id),
          }))}
        >
          <Button aria-label={`Sort: ${sorts[sortNow]}`} icon={phone}>
            <ArrowDownUp size={14} aria-hidden="true" />
            {phone ? null : sorts[sortNow]}
          </Button>
        </Menu>
      </div>
      <Search search={search} onChange={onChange} />
    </div>
  );
}

/** How long after the last key the search is asked. */
const pauseMs = 180;

function Search({ search, onChange }: Pick<ListControlsProps, "search" | "onChange">) {
  const { q = "" } = search;
  const [typed, setTyped] = useState(q);
  const [said, setSaid] = useState(q);
  // The address may change by itself: by going back, or by "Show all links".
  if (said !== q) {
    setSaid(q);
    if (q !== typed.trim()) setTyped(q);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing asks
  useEffect(() => {
    if (typed.trim() === q) return;
    const timer = setTimeout(() => {
      const { q: _before, ...rest } = search;
      setSaid(typed.trim());
      onChange(typed.trim() === "" ? rest : { ...rest, q: typed.trim() });
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <SearchField
      label="Search links"
      placeholder="Search ending or target"
      value={typed}
      onChange={setTyped}
      shortcut="/"
    />
  );
}
