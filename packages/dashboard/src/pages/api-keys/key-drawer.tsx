import { useQuery } from "@tanstack/react-query";
import { RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { useActs } from "../../parts/acts.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Choice, Field } from "../../parts/controls/field.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { Drawer, Section } from "../../parts/dialogs/drawer.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { State } from "../../parts/values/state.tsx";
import { Ago, Moment } from "../../parts/values/time.tsx";
import { apiKeyWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import {
  type ApiKey,
  KEY_OUTLINES,
  keyState,
  type MadeKey,
  shownKey,
  successorOf,
} from "./key-state.ts";

const words = apiKeyWords;
const DAY_S = "86400";

/** One key: whether it works, what it may, and how it is replaced or ended. */
export function KeyDrawer({
  id,
  keys,
  onMade,
  onClose,
  onOpen,
}: {
  id: string;
  /** Those of the list: successors are found among them. */
  keys: readonly ApiKey[];
  onMade(made: MadeKey): void;
  onClose(): void;
  onOpen(id: string): void;
}) {
  const { data: key, error } = useQuery({
    queryKey: ["api-key", id],
    queryFn: () => taken(api.GET("/v1/api-keys/{id}", { params: { path: { id } } })),
    initialData: keys.find((each) => each.id === id),
    initialDataUpdatedAt: 0,
  });
  const [asks, setAsks] = useState<"rotate" | "revoke" | null>(null);
  const successor = successorOf(id, keys);
  const state = key && keyState(key, successor, now());
  const refusal = state && state !== "live" ? refusalOf(state) : null;
  const isOver = state === "revoked" || state === "expired";
  useActs([
    { key: "r", does: words.drawer.rotate, icon: RotateCw, refusal, run: () => setAsks("rotate") },
  ]);
  const at = keys.findIndex((each) => each.id === id);
  const step = (by: 1 | -1) => {
    const next = keys[at + by];
    if (next) onOpen(next.id);
  };
  return (
    <Drawer
      label={words.drawer.label}
      heading={
        <>
          <span className="truncate">{key?.name ?? words.drawer.label}</span>
          {state && (
            <State of={KEY_OUTLINES[state]} badge>
              {words.states[state]}
            </State>
          )}
        </>
      }
      verdict={key && state && verdictOf(key, state)}
      acts={
        key && (
          <>
            <Button
              icon={RotateCw}
              keys="R"
              needs="api_keys:write"
              refusal={refusal}
              onClick={() => setAsks("rotate")}
            >
              {words.drawer.rotate}
            </Button>
            <Button
              kind="danger-quiet"
              icon={Trash2}
              needs="api_keys:write"
              refusal={isOver ? refusal : null}
              onClick={() => setAsks("revoke")}
            >
              {words.drawer.revoke}
            </Button>
          </>
        )
      }
      onClose={onClose}
      {...(at === -1 ? {} : { onStep: step })}
    >
      {error && key === undefined && (
        <Failed what={words.drawer.label} error={error} className="px-(--gutter)!" />
      )}
      {!key && !error && <Skeleton widths={[240, 180, 200]} />}
      {key && (
        <>
          <Section>
            <Facts apiKey={key} successor={successor} onOpen={onOpen} />
          </Section>
          <Section title={words.drawer.scopes}>
            <Scopes scopes={key.scopes} />
          </Section>
          <Rotate
            apiKey={key}
            open={asks === "rotate"}
            onClose={() => setAsks(null)}
            onMade={(made, newId) => {
              setAsks(null);
              onMade(made);
              onOpen(newId);
            }}
          />
          <Revoke apiKey={key} open={asks === "revoke"} onClose={() => setAsks(null)} />
        </>
      )}
    </Drawer>
  );
}

function refusalOf(state: "ending" | "expired" | "revoked"): string {
  return state === "ending" ? words.ended.replaced : words.ended[state];
}

function verdictOf(key: ApiKey, state: keyof typeof words.states): string {
  if (state !== "live") return words.verdict[state];
  if (key.last_used_at === null) return words.verdict.unused;
  return key.expires_at === null ? words.verdict.live : words.verdict.liveUntil;
}

function Facts({
  apiKey,
  successor,
  onOpen,
}: {
  apiKey: ApiKey;
  successor: ApiKey | undefined;
  onOpen(id: string): void;
}) {
  const { drawer } = words;
  const link = (id: string) => (
    <button type="button" className="text-accent hover:underline" onClick={() => onOpen(id)}>
      <code className="text-xs">
        {id.slice(0, 4)}…{id.slice(-6)}
      </code>
    </button>
  );
  return (
    <Properties
      items={[
        [
          drawer.key,
          <code key="key" className="text-xs">
            {shownKey(apiKey)}
          </code>,
        ],
        [drawer.id, <Id key="id" id={apiKey.id} shown="always" />],
        [
          drawer.account,
          apiKey.account_id === null ? (
            drawer.allAccounts
          ) : (
            <Id key="account" id={apiKey.account_id} shown="always" />
          ),
        ],
        [drawer.created, <Moment key="created" at={apiKey.created_at} />],
        [
          drawer.used,
          apiKey.last_used_at === null ? words.never : <Ago key="used" at={apiKey.last_used_at} />,
        ],
        apiKey.revoked_at === null
          ? [
              drawer.expires,
              apiKey.expires_at === null ? (
                drawer.doesNotExpire
              ) : (
                <Ago key="expires" at={apiKey.expires_at} />
              ),
            ]
          : [drawer.revoked, <Moment key="revoked" at={apiKey.revoked_at} />],
        apiKey.rotated_from === null ? null : [drawer.replaces, link(apiKey.rotated_from)],
        successor === undefined ? null : [drawer.replacedBy, link(successor.id)],
      ]}
    />
  );
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
  if (scopes.includes("*")) return <p className="text-fg-2">{words.drawer.scopesEvery}</p>;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {scopes.map((scope) => (
        <li key={scope} className="rounded-sm border border-border-strong px-1.5 py-0.5">
          <code className="text-xs text-fg-2">{scope}</code>
        </li>
      ))}
    </ul>
  );
}

function Rotate({
  apiKey: { id, name },
  open,
  onClose,
  onMade,
}: {
  apiKey: ApiKey;
  open: boolean;
  onClose(): void;
  onMade(made: MadeKey, newId: string): void;
}) {
  const [overlap, setOverlap] = useState(DAY_S);
  const body = { overlap_s: Number(overlap) };
  const rotate = useAct({
    does: () => taken(api.POST("/v1/api-keys/{id}/rotate", { params: { path: { id } }, body })),
    changes: [["api-keys"], ["api-key"]],
    failed: words.rotate.failed,
    onDone: (made) => onMade({ title: words.rotate.shown(name), secret: made.key }, made.id),
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={words.rotate.title(name)}
      text={words.rotate.text}
      does={words.rotate.act}
      busy={rotate.isBusy}
      call={{ method: "POST", path: `/v1/api-keys/${id}/rotate`, body }}
      onConfirm={() => void rotate.run()}
    >
      <Field label={words.rotate.overlap} help={words.rotate.overlapHelp}>
        {(control) => (
          <Choice
            {...control}
            value={overlap}
            onChange={(event) => setOverlap(event.target.value)}
            options={Object.entries(words.rotate.choices)
              .map(([value, label]) => ({ value, label }))
              .toSorted((a, b) => Number(a.value) - Number(b.value))}
          />
        )}
      </Field>
    </Confirm>
  );
}

function Revoke({
  apiKey: { id, name, last_used_at: usedAt },
  open,
  onClose,
}: {
  apiKey: ApiKey;
  open: boolean;
  onClose(): void;
}) {
  const revoke = useAct({
    does: () => taken(api.DELETE("/v1/api-keys/{id}", { params: { path: { id } } })),
    changes: [["api-keys"], ["api-key"]],
    failed: words.revoke.failed,
    done: () => ({ fact: words.revoke.done, consequence: words.revoke.consequence }),
    onDone: onClose,
  });
  return (
    <Confirm
      open={open}
      onClose={onClose}
      danger
      title={words.revoke.title(name)}
      text={
        usedAt === null ? (
          words.revoke.unused
        ) : (
          <>
            {words.revoke.used}
            <Ago at={usedAt} />
            {words.revoke.usedEnd}
          </>
        )
      }
      does={words.revoke.act}
      keep={words.revoke.keep}
      busy={revoke.isBusy}
      call={{ method: "DELETE", path: `/v1/api-keys/${id}` }}
      onConfirm={() => void revoke.run()}
    />
  );
}
