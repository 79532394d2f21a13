import { ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMay, useMe } from "../../api/me.ts";
import { Button, ButtonLink } from "../../parts/controls/button.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { Drawer, Section } from "../../parts/dialogs/drawer.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { State } from "../../parts/values/state.tsx";
import { Ago, Moment } from "../../parts/values/time.tsx";
import { memberWords } from "../../words/index.ts";
import { nameOf, type Person, roleName } from "./people.ts";
import { RoleChoice } from "./role-choice.tsx";

const words = memberWords;

/** A member with their role, or an invitation that nobody has taken yet. */
export function PersonDrawer({
  person,
  onClose,
  onStep,
}: {
  person: Person | undefined;
  onClose(): void;
  onStep(by: 1 | -1): void;
}) {
  const [isAsked, setAsked] = useState(false);
  const me = useMe();
  if (person === undefined) {
    return (
      <Drawer label={words.drawer.member} heading={words.drawer.member} onClose={onClose}>
        <p className="px-(--gutter) text-fg-2">{words.drawer.gone}</p>
      </Drawer>
    );
  }
  const isMember = person.kind === "member";
  return (
    <Drawer
      label={isMember ? words.drawer.member : words.drawer.invitation}
      heading={
        <>
          <span className="truncate">{nameOf(person)}</span>
          {!isMember && (
            <State of="pending" badge>
              {words.invited}
            </State>
          )}
        </>
      }
      verdict={
        isMember
          ? words.verdict.member(words.roles[person.role].may)
          : words.verdict.invitation(words.verdict.article[person.role])
      }
      acts={
        <>
          {isMember && me.scopes.includes("audit_log:read") && (
            <ButtonLink icon={ScrollText} to="/audit-log" search={{ actor: person.id } as never}>
              {words.drawer.audit}
            </ButtonLink>
          )}
          <Button
            kind="danger-quiet"
            icon={Trash2}
            needs="members:write"
            onClick={() => setAsked(true)}
          >
            {isMember ? words.drawer.remove : words.drawer.withdraw}
          </Button>
        </>
      }
      onClose={onClose}
      onStep={onStep}
    >
      {isMember ? <MemberFacts member={person} /> : <InvitationFacts invitation={person} />}
      {isMember ? (
        <Remove member={person} open={isAsked} onClose={() => setAsked(false)} onGone={onClose} />
      ) : (
        <Withdraw
          invitation={person}
          open={isAsked}
          onClose={() => setAsked(false)}
          onGone={onClose}
        />
      )}
    </Drawer>
  );
}

function MemberFacts({ member }: { member: Shape<"Member"> }) {
  const { drawer } = words;
  return (
    <>
      <Section>
        <Properties
          items={[
            [drawer.email, member.email],
            [drawer.id, <Id key="id" id={member.id} shown="always" />],
            [drawer.since, <Moment key="since" at={member.created_at} />],
            [
              drawer.factor,
              <State key="factor" of={member.two_factor ? "delivered" : "cancelled"}>
                {member.two_factor ? words.factorOn : words.factorOff}
              </State>,
            ],
          ]}
        />
      </Section>
      <RoleSection member={member} />
    </>
  );
}

function RoleSection({ member: { id, name, role } }: { member: Shape<"Member"> }) {
  const may = useMay("members:write");
  const [chosen, setChosen] = useState(role);
  const change = useAct({
    does: (next: Shape<"Member">["role"]) =>
      taken(api.PATCH("/v1/members/{id}", { params: { path: { id } }, body: { role: next } })),
    changes: [["members"], ["me"]],
    failed: words.change.failed,
    done: (changed) => ({
      fact: words.change.done(name, words.verdict.article[changed.role]),
      consequence: words.drawer.roleHelp,
    }),
  });
  return (
    <Section title={words.drawer.role} note={may.may ? words.drawer.roleHelp : may.reason}>
      {/* Keys pass by the roles between: none is given in passing. */}
      <RoleChoice
        label={words.drawer.role}
        value={chosen}
        disabled={!may.may}
        onChange={setChosen}
      />
      <Button
        className="mt-3"
        needs="members:write"
        busy={change.isBusy}
        refusal={chosen === role ? words.change.same : null}
        onClick={() => void change.run(chosen)}
      >
        {words.change.act}
      </Button>
    </Section>
  );
}

function InvitationFacts({ invitation }: { invitation: Shape<"Invitation"> }) {
  const { drawer } = words;
  return (
    <Section>
      <Properties
        items={[
          [drawer.role, roleName(invitation.role)],
          [drawer.id, <Id key="id" id={invitation.id} shown="always" />],
          [drawer.invitedAt, <Moment key="at" at={invitation.created_at} />],
          [drawer.expires, <Ago key="until" at={invitation.expires_at} />],
        ]}
      />
    </Section>
  );
}

interface Ending {
  open: boolean;
  onClose(): void;
  onGone(): void;
}

function Remove({
  member: { id, name },
  open,
  onClose,
  onGone,
}: Ending & { member: Shape<"Member"> }) {
  const me = useMe();
  const remove = useAct({
    does: () => taken(api.DELETE("/v1/members/{id}", { params: { path: { id } } })),
    changes: [["members"], ["me"]],
    failed: words.remove.failed,
    done: () => ({ fact: words.remove.done(name) }),
    onDone: () => {
      onClose();
      onGone();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      danger
      title={words.remove.title(name)}
      text={id === me.person?.id ? words.remove.self : words.remove.text}
      does={words.remove.act}
      keep={words.remove.keep}
      busy={remove.isBusy}
      call={{ method: "DELETE", path: `/v1/members/${id}` }}
      onConfirm={() => void remove.run()}
    />
  );
}

function Withdraw({
  invitation: { id, email },
  open,
  onClose,
  onGone,
}: Ending & { invitation: Shape<"Invitation"> }) {
  const withdraw = useAct({
    does: () => taken(api.DELETE("/v1/invitations/{id}", { params: { path: { id } } })),
    changes: [["members"]],
    failed: words.withdraw.failed,
    done: () => ({ fact: words.withdraw.done }),
    onDone: () => {
      onClose();
      onGone();
    },
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      danger
      title={words.withdraw.title(email)}
      text={words.withdraw.text}
      does={words.withdraw.act}
      keep={words.withdraw.keep}
      busy={withdraw.isBusy}
      call={{ method: "DELETE", path: `/v1/invitations/${id}` }}
      onConfirm={() => void withdraw.run()}
    />
  );
}
