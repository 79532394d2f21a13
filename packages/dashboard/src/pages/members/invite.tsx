import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Field, Input } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { memberWords } from "../../words/index.ts";
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
  const refused = invite.refusal;
  return (
    <ActDialog
      onClose={onClose}
      title={words.title}
      text={words.text}
      aside={call.button}
      does={words.act}
      needs="members:write"
      refusal={body.email === "" ? words.needsEmail : null}
      busy={invite.isBusy}
      onAct={() => void invite.run()}
    >
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
    </ActDialog>
  );
}
