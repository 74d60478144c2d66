import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { CallFailed } from "trellis/contract";
import { Button, describeError, showToast, TextField } from "trellis-ui";
import type { CountedLink } from "../../../src/contract.ts";
import { links } from "../api.ts";
import { asTarget } from "../links/as-target.ts";
import "./target-editor.css";

interface TargetEditorProps {
  readonly link: CountedLink;
  readonly editing: boolean;
  readonly onEditing: (editing: boolean) => void;
}

/** Where a link leads, and a way to lead it elsewhere. */
export function TargetEditor({ link, editing, onEditing }: TargetEditorProps) {
  if (editing && link.state === "active") return <TargetForm link={link} onDone={() => onEditing(false)} />;
  return (
    <div className="target">
      <a className="target-address mono" href={link.target} target="_blank" rel="noreferrer">
        {link.target}
        <span className="visually-hidden"> (opens in a new tab)</span>
      </a>
      {link.state === "active" ? (
        <Button kind="outline" onPress={() => onEditing(true)}>
          <Pencil size={14} aria-hidden="true" />
          Edit
        </Button>
      ) : null}
    </div>
  );
}

function TargetForm({ link, onDone }: { readonly link: CountedLink; readonly onDone: () => void }) {
  const queries = useQueryClient();
  const [target, setTarget] = useState(link.target);
  const [notAddress, setNotAddress] = useState(false);
  // What is changed is what was read when the editing began; if others were faster, that is said.
  const [version, setVersion] = useState(link.version);
  const change = useMutation({
    mutationFn: (to: string) => links.change({ params: { code: link.code }, body: { target: to, version } }),
    onSuccess: async () => {
      onDone();
      showToast({ text: "The link leads to its new target" });
      await queries.invalidateQueries({ queryKey: ["links"] });
    },
    onError: async (error) => {
      if (!(error instanceof CallFailed && error.failure.code === "stale-version")) return;
      setVersion((error.failure.detail as { version: number }).version);
      await queries.invalidateQueries({ queryKey: ["links", "one", link.code] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const whole = asTarget(target);
    setNotAddress(whole === undefined);
    if (whole === link.target) onDone();
    else if (whole !== undefined) change.mutate(whole);
  };
  const error = notAddress
    ? "This is not an address yet. Type a whole one, such as https://example.com/page."
    : change.error
      ? changeError(change.error, link.target)
      : undefined;
  return (
    <form className="target-form" onSubmit={submit}>
      <TextField
        label="Target"
        mono
        autoFocus
        inputMode="url"
        autoComplete="off"
        spellCheck="false"
        value={target}
        onChange={(value) => {
          setTarget(value);
          setNotAddress(false);
          change.reset();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          onDone();
        }}
        error={error}
        hint="The old target stays in the versions below."
      />
      <div className="target-buttons">
        <Button kind="solid" type="submit" isPending={change.isPending}>
          Save
        </Button>
        <Button onPress={onDone}>Cancel</Button>
      </div>
    </form>
  );
}

function changeError(error: Error, present: string): string {
  if (error instanceof CallFailed) {
    const { code, detail } = error.failure;
    if (code === "stale-version")
      return `Somebody changed it meanwhile: it leads to ${present} now. Save again to replace that.`;
    if (code === "target-refused") return `${(detail as { says: string }).says}.`;
    if (code === "link-archived") return "The link has been archived meanwhile. Restore it first.";
  }
  const { title, cure, fields } = describeError(error);
  return fields.target === undefined ? `${title}. ${cure}` : `This ${fields.target}.`;
}
