import { type FormEvent, useState } from "react";
import { CallFailed } from "trellis/contract";
import { Button, describeError, TextField } from "trellis-ui";
import { useSignIn } from "./session.ts";
import "./sign-in-form.css";

/** Asks for an API key, and says where there is one. */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [key, setKey] = useState("");
  const [missing, setMissing] = useState(false);
  const signIn = useSignIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(key.trim() === "");
    if (key.trim() !== "") signIn.mutate(key.trim(), { onSuccess: onSignedIn });
  };
  const change = (value: string) => {
    setKey(value);
    setMissing(false);
    signIn.reset();
  };
  const error = missing ? "Paste a key first." : signIn.error ? saysWhy(signIn.error) : undefined;
  return (
    <form className="sign-in-form" onSubmit={submit}>
      <TextField
        label="API key"
        type="password"
        autoComplete="current-password"
        mono
        autoFocus
        placeholder="trellis_…"
        value={key}
        onChange={change}
        error={error}
      />
      <Button kind="solid" type="submit" isPending={signIn.isPending}>
        {signIn.isPending ? "Signing in" : "Sign in"}
      </Button>
      <p className="sign-in-where">
        <code>npm start</code> printed the owner’s key when it ran first. In the app’s folder, this makes another one:
      </p>
      <pre className="sign-in-command">
        <code>npm run trellis -- key new --owner</code>
      </pre>
    </form>
  );
}

function saysWhy(error: Error): string {
  if (error instanceof CallFailed && error.failure.code === "unknown-key")
    return "There is no such key, or it was revoked. Check that all of it was pasted.";
  if (error instanceof CallFailed && error.failure.code === "too-many-guesses")
    return "Too many keys were tried from here. Wait a minute, then try the right one.";
  const { title, cure } = describeError(error);
  return `${title}. ${cure}`;
}
