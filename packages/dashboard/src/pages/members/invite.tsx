import { useState } from "react";
import { useAct } from "../../api/act.ts";
import { api, taken } from "../../api/client.ts";
import { useApiCall } from "../../parts/api-call.tsx";
import { Button } from "../../parts/button.tsx";
import { OnModEnter } from "../../parts/confirm.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Field, Input } from "../../parts/field.tsx";
import { memberWords, partWords } from "../../words/index.ts";
import type { Role } from "./people.ts";
import { RoleChoice } from "./role-choice.tsx";

const words = memberWords.new;

/** An address and a role make a link, which is shown once. */
export function Invite({
  onClose,
  onMade,
}: {
  onClose(): void;
  onMade(made: { email: string; link: string }): void;
}) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const body = { email: email.trim(), role };
  const call = useApiCall({ method: "POST", path: "/v1/invitations", body });
  const invite = useAct({
    does: () => taken(api.POST("/v1/invitations", { body })),
    changes: [["members"]],
    failed: words.failed,
    onDone: (made) =>
      onMade({
        email: made.email,
        link: `${location.origin}/accept-invitation?token=${made.token}`,
      }),
    onRefused: () => true,
  });
  const refusal = body.email === "" ? words.needsEmail : null;
  const submit = () => {
    if (refusal === null && !invite.isBusy) void invite.run();
  };
  const refused = invite.refusal;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.title}
      text={words.text}
      foot={
        <>
          <span className="mr-auto -ml-2.5">{call.button}</span>
          <Button keys="Esc" onClick={onClose}>
            {partWords.cancel}
          </Button>
          <Button
            kind="primary"
            keys="⌘↵"
            needs="members:write"
            refusal={refusal}
            busy={invite.isBusy}
            onClick={submit}
          >
            {words.act}
          </Button>
        </>
      }
    >
      <OnModEnter run={submit} />
      <Field
        label={words.email}
        help={words.emailHelp}
        error={refused === null ? undefined : (refused.at("/email") ?? refused.message)}
      >
        {(control) => (
          <Input
            {...control}
            type="email"
            name="email"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.role}>
        {({ id }) => (
          <div id={id}>
            <RoleChoice label={words.role} value={role} onChange={setRole} />
          </div>
        )}
      </Field>
      {call.shown}
    </Dialog>
  );
}
