import { Link2 } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Group } from "react-aria-components/Group";
import { Input } from "react-aria-components/Input";
import { TextField } from "react-aria-components/TextField";
import { Button } from "trellis-ui";
import { asTarget } from "./as-target.ts";
import { onFocusShortenField } from "./focus-shorten-field.ts";
import { NewLinkLine } from "./new-link-line.tsx";
import "./shorten-form.css";
import { shortenErrors, useShorten } from "./use-shorten.ts";

interface ShortenFormProps {
  /** The short addresses' fixed part: `links.example/`. */
  readonly base: string;
}

/** What the page is for: a long address in, a short one out. */
export function ShortenForm({ base }: ShortenFormProps) {
  const { field, target, alias, errors, shorten, submit, typeTarget, typeAlias } = useShortenForm();
  return (
    <form className="shorten" onSubmit={submit} aria-labelledby="shorten-title">
      <h1 id="shorten-title">Shorten a link</h1>
      <TextField
        className="shorten-target"
        aria-label="Long address"
        value={target}
        onChange={typeTarget}
        isInvalid={errors.target !== undefined}
        validationBehavior="aria"
        inputMode="url"
        autoComplete="off"
        spellCheck="false"
      >
        <Group className="shorten-box">
          <Link2 size={20} aria-hidden="true" />
          <Input ref={field} className="shorten-input mono" placeholder="Paste a long address" aria-keyshortcuts="N" />
          <Button kind="solid" type="submit" isPending={shorten.isPending}>
            Shorten
          </Button>
        </Group>
        <FieldError className="field-error">{errors.target}</FieldError>
      </TextField>
      {shorten.data ? (
        <NewLinkLine key={shorten.data.code} link={shorten.data} />
      ) : (
        <AliasLine base={base} alias={alias} error={errors.alias} onChange={typeAlias} />
      )}
    </form>
  );
}

/** What has been typed and what became of it. Nothing typed goes before its link is made. */
function useShortenForm() {
  const [target, setTarget] = useState("");
  const [alias, setAlias] = useState("");
  const [notAddress, setNotAddress] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const shorten = useShorten();
  const errors = notAddress
    ? { target: "This is not an address yet. Paste a whole one, such as https://example.com/page." }
    : shorten.error
      ? shortenErrors(shorten.error)
      : {};
  useEffect(
    () =>
      onFocusShortenField((given) => {
        if (given !== undefined) setTarget(given);
        field.current?.focus();
        field.current?.scrollIntoView({ block: "center" });
      }),
    [],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const whole = asTarget(target);
    setNotAddress(whole === undefined);
    if (whole === undefined || shorten.isPending) {
      field.current?.focus();
      return;
    }
    const body = { target: whole, ...(alias.trim() === "" ? {} : { alias: alias.trim() }) };
    shorten.mutate(body, {
      onSuccess: () => {
        setTarget("");
        setAlias("");
      },
    });
  };
  const typed = (keep: (value: string) => void) => (value: string) => {
    keep(value);
    setNotAddress(false);
    if (!shorten.isPending) shorten.reset();
  };
  return { field, target, alias, errors, shorten, submit, typeTarget: typed(setTarget), typeAlias: typed(setAlias) };
}

interface AliasLineProps {
  readonly base: string;
  readonly alias: string;
  readonly error: string | undefined;
  readonly onChange: (alias: string) => void;
}

/** What the address becomes, with an ending of one's own where one is wanted. */
function AliasLine({ base, alias, error, onChange }: AliasLineProps) {
  const hint = useId();
  return (
    <TextField
      className="shorten-alias"
      aria-label="Ending of the short address, optional"
      value={alias}
      onChange={(value) => onChange(value.replaceAll(/\s/g, "-"))}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      autoComplete="off"
      spellCheck="false"
      aria-describedby={hint}
    >
      <span className="shorten-becomes">
        Becomes <span className="mono">{base}</span>
        <Input autoCapitalize="none" className="shorten-ending mono" placeholder="any-ending" maxLength={64} />
      </span>
      <span id={hint} className="shorten-hint">
        Your own ending is optional. <kbd>Enter</kbd> creates it.
      </span>
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}
