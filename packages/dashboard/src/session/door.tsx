import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { meQuery } from "../api/me.ts";
import type { Refused } from "../api/problem.ts";
import { serverName } from "../api/server.ts";
import { buttonClass } from "../parts/controls/button.tsx";
import { Mark } from "../parts/mark.tsx";
import { Id } from "../parts/values/id.tsx";
import { partWords, sessionWords, shellWords } from "../words/index.ts";
import { InvitationForm } from "./invitation-form.tsx";
import { OwnerForm } from "./owner-form.tsx";
import { doorState } from "./sign-in.ts";
import { SignInForm } from "./sign-in-form.tsx";

/** Where the first owner is led: from the account to the first signed webhook. */
const FIRST_PAGE = "/first-run";

/** Who is not in yet: the first owner, somebody invited, or somebody who signs in. */
export function Door({ invitation }: { invitation?: string }) {
  const queries = useQueryClient();
  const state = useQuery({ queryKey: ["door"], queryFn: doorState, retry: 1 });
  const enter = () => queries.resetQueries({ queryKey: meQuery.queryKey });
  if (invitation !== undefined) {
    return (
      <Porch title={sessionWords.invitation.title}>
        <InvitationForm token={invitation} onIn={() => location.assign("/")} />
      </Porch>
    );
  }
  if (state.isPending) return null;
  if (state.data?.needs_owner === true) {
    return (
      <Porch title={sessionWords.owner.title} text={sessionWords.owner.text}>
        <OwnerForm
          needsAdminKey={state.data.needs_admin_key}
          onIn={() => {
            history.replaceState(null, "", FIRST_PAGE);
            void enter();
          }}
        />
      </Porch>
    );
  }
  return (
    <Porch title={sessionWords.signIn.title}>
      <SignInForm onIn={() => void enter()} />
    </Porch>
  );
}

/** The server could not be asked. */
export function NoAnswer({ error, onAgain }: { error: Refused; onAgain(): void }) {
  return (
    <Porch title={partWords.error.title(shellWords.product)} text={error.message}>
      <div className="flex items-center gap-3">
        <button type="button" className={buttonClass("primary", "lg")} onClick={onAgain}>
          {partWords.error.again}
        </button>
        {error.requestId !== null && <Id id={error.requestId} shown="always" />}
      </div>
    </Porch>
  );
}

/** What stands before the pages, or in their place. */
export function Porch({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children: ReactNode;
}) {
  const { name, address } = serverName();
  useEffect(() => {
    document.title = `${title} · ${shellWords.product}`;
  }, [title]);
  return (
    <main className="grid min-h-dvh grid-cols-[minmax(0,400px)] content-start justify-center bg-bg px-4 pt-[14vh] pb-10 phone:pt-10">
      <div className="mb-6 flex items-center gap-2.5">
        <Mark size={26} />
        <span className="text-lg font-strong tracking-tight">{shellWords.product}</span>
        <span className="ml-auto truncate text-xs text-fg-3" title={name}>
          {address ?? name}
        </span>
      </div>
      <div className="rounded-xl border border-border bg-surface p-6 shadow-1">
        <h1 className="text-xl font-strong tracking-tight">{title}</h1>
        {text !== undefined && <p className="mt-1 text-fg-2">{text}</p>}
        <div className="mt-4">{children}</div>
      </div>
      <p className="mt-4 px-1 text-xs text-fg-3">{sessionWords.tagline}</p>
    </main>
  );
}
