import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Activity, CornerDownRight, Link2, Scissors, SunMoon } from "lucide-react";
import { useState } from "react";
import { type Command, CommandPalette, toggleScheme } from "trellis-ui";
import { links } from "./api.ts";
import { bareAddress } from "./bare-address.ts";
import { asTarget } from "./links/as-target.ts";
import { focusShortenField } from "./links/focus-shorten-field.ts";

interface LinksPaletteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Finds links and does what can be done from anywhere. */
export function LinksPalette({ open, onOpenChange }: LinksPaletteProps) {
  const [query, setQuery] = useState("");
  const sought = query.trim();
  const { history } = useRouter();
  const found = useQuery({
    queryKey: ["links", "palette", sought],
    queryFn: ({ signal }) => links.list({ query: { q: sought, limit: 5, state: "all" } }, { signal }),
    enabled: open && sought !== "",
    placeholderData: keepPreviousData,
  });
  const has = (text: string) => text.toLowerCase().includes(sought.toLowerCase());
  const fits = ({ label }: Command) => has(label);
  const target = asTarget(sought);
  const shorten: Command = {
    id: "shorten",
    label: target ? "Shorten" : "Shorten a link",
    ...(target ? { detail: bareAddress(target) } : {}),
    icon: <Scissors size={16} />,
    ...(target ? {} : { shortcut: "N" }),
    run: () => {
      if (location.pathname !== "/") history.push("/");
      focusShortenField(target);
    },
  };
  const rest: Command[] = [
    { id: "links", label: "Go to links", icon: <Link2 size={16} />, run: () => history.push("/") },
    {
      id: "operations",
      label: "Go to operations",
      icon: <Activity size={16} />,
      run: () => history.push("/operations"),
    },
    { id: "scheme", label: "Switch between light and dark", icon: <SunMoon size={16} />, run: toggleScheme },
  ];
  // Of what was found for the letters before, only what still fits: Enter acts on what is there at that moment.
  const known = sought === "" ? [] : (found.data?.links ?? []);
  const fitting = found.isPlaceholderData ? known.filter(({ code, target: to }) => has(code) || has(to)) : known;
  const hits: Command[] = fitting.map(({ code, target: to, state }) => ({
    id: `link ${code}`,
    label: code,
    detail: `${bareAddress(to)}${state === "archived" ? " · archived" : ""}`,
    icon: <CornerDownRight size={16} />,
    run: () => history.push(`/links/${code}`),
  }));
  const commands = [...(target ? [shorten] : []), ...hits, ...(target ? rest : [shorten, ...rest]).filter(fits)];
  return (
    <CommandPalette
      open={open}
      onOpenChange={(opens) => {
        setQuery("");
        onOpenChange(opens);
      }}
      query={query}
      onQueryChange={setQuery}
      commands={commands}
      placeholder="Find a link, or do something"
    />
  );
}
