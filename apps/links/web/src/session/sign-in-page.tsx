import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { Button } from "trellis-ui";
import { usePageTitle } from "../use-page-title.ts";
import { sessionQuery, useSignOut } from "./session.ts";
import { SignInForm } from "./sign-in-form.tsx";
import "./sign-in-page.css";

const route = getRouteApi("/sign-in");

/** Where one signs in, and comes back to where one was. */
export function SignInPage() {
  usePageTitle("Sign in");
  const { to = "/" } = route.useSearch();
  const { history } = useRouter();
  const who = useQuery({ ...sessionQuery, retry: false, meta: { quiet: true } });
  const signOut = useSignOut();
  return (
    <div className="sign-in-page">
      <h1>Sign in</h1>
      {who.data ? (
        <div className="sign-in-known">
          <p>
            You are signed in to <b>{who.data.workspace}</b>.
          </p>
          <Button kind="solid" onPress={() => history.replace(to)}>
            Go on
          </Button>
          <Button onPress={() => signOut.mutate()} isPending={signOut.isPending}>
            Sign out
          </Button>
        </div>
      ) : (
        <SignInForm onSignedIn={() => history.replace(to)} />
      )}
    </div>
  );
}
