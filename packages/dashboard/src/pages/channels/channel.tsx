import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Ellipsis, KeyRound, Stethoscope } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { isGone } from "../../api/problem.ts";
import { useActs } from "../../parts/acts.ts";
import { Button, ButtonLink, IconButton } from "../../parts/controls/button.tsx";
import { useNamed } from "../../parts/crumb.ts";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { OnDemand } from "../../parts/late/on-demand.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { CopyButton } from "../../parts/values/copy.tsx";
import { Id } from "../../parts/values/id.tsx";
import { Note } from "../../parts/values/note.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { Glyph } from "../../parts/values/state.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { channelWords, partWords } from "../../words/index.ts";
import { accountQuery } from "./accounts.ts";
import { ChannelState } from "./channel-state.tsx";
import { FIELDS, isKind } from "./kinds.ts";
import { type Channel, channelQuery } from "./queries.ts";
import { ChannelSettings } from "./settings.tsx";

const MoreActs = fetched(() => import("./more-acts.tsx").then((it) => it.MoreActs));
const CredentialsForm = fetched(() =>
  import("./credentials-form.tsx").then((it) => it.CredentialsForm),
);

const words = channelWords.detail;

/** Can it receive and send right now; if not, which step is missing? */
export function Page() {
  const { id = "" } = useParams({ strict: false });
  const { data: channel, error, refetch } = useQuery(channelQuery(id));
  useNamed(channel?.name);
  if (error !== null && (!channel || isGone(error)))
    return <Failed what={channelWords.one} error={error} onAgain={() => void refetch()} />;
  if (!channel) return <Skeleton widths={[200, 320, 260]} />;
  return <Known key={channel.id} channel={channel} />;
}

function Known({ channel }: { channel: Channel }) {
  const { id, kind, name, state, state_reason: reason } = channel;
  const navigate = useNavigate();
  const [isReplacing, setReplacing] = useState(false);
  const check = useAct({
    does: () => taken(api.POST("/v1/channels/{id}/check", { params: { path: { id } } })),
    changes: [],
    failed: words.checkFailed,
  });
  const [found, setFound] = useState<Shape<"ChannelCheck"> | null>(null);
  const run = () => void check.run().then((result) => result && setFound(result));
  const may = useMay("channels:write");
  const isMute =
    state === "connected" &&
    isKind(kind) &&
    FIELDS[kind].credentials.some((each) => each.isNeeded && !channel[`has_${each.name}`]);
  useActs([
    { does: words.check, icon: Stethoscope, refusal: may.may ? null : may.reason, run },
    {
      does: words.rotate,
      icon: KeyRound,
      refusal: may.may ? null : may.reason,
      run: () => setReplacing(true),
    },
  ]);
  return (
    <>
      <PageHead
        title={
          <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <span className="flex min-w-0 items-center gap-2.5">
              <ChannelTile kind={kind} size={22} />
              <span className="min-w-0">{name}</span>
            </span>
            <ChannelState state={state} badge />
          </span>
        }
        name={name}
      >
        <ButtonLink to="/inbox" search={{ channel: id } as never}>
          {words.conversations}
        </ButtonLink>
        <Button
          kind="primary"
          icon={Stethoscope}
          needs="channels:write"
          busy={check.isBusy}
          onClick={run}
        >
          {words.check}
        </Button>
        <OnDemand
          face={<IconButton icon={Ellipsis} label={words.more} />}
          open={(trigger) => (
            <MoreActs
              trigger={trigger}
              channel={channel}
              onGone={() => void navigate({ to: "/channels" })}
            />
          )}
        />
      </PageHead>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
        tabIndex={0}
        aria-label={name}
        className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_360px] overflow-y-auto border-t border-border -outline-offset-2 max-[1100px]:grid-cols-[minmax(0,1fr)] max-[1100px]:content-start"
      >
        <div className="min-w-0 border-r border-border max-[1100px]:border-r-0">
          <div className="px-6 pt-4 phone:px-4">
            <Note tone={state === "connected" && !isMute ? "plain" : "warning"}>
              <b>{isMute ? words.noCredentials : words.verdict[state]}</b>
              {reason !== null && <p>{reason}</p>}
            </Note>
          </div>
          <Part title={words.checks}>
            {found === null ? (
              <p className="text-fg-3">{check.isBusy ? words.checking : words.checkHint}</p>
            ) : (
              <Findings found={found} />
            )}
          </Part>
          <Part title={words.settings}>
            <ChannelSettings channel={channel} />
          </Part>
        </div>
        <div className="min-w-0">
          <Part title={words.webhook}>
            <Webhook channel={channel} />
          </Part>
          <Part
            title={words.credentials}
            end={
              <Button
                size="sm"
                icon={KeyRound}
                needs="channels:write"
                onClick={() => setReplacing(true)}
              >
                {words.rotate}
              </Button>
            }
          >
            <Credentials channel={channel} />
          </Part>
          <Part title={words.properties}>
            <Facts channel={channel} />
          </Part>
        </div>
      </section>
      {isReplacing && (
        <Late onLeave={() => setReplacing(false)}>
          <CredentialsForm
            channel={channel}
            onClose={() => setReplacing(false)}
            onDone={() => {
              setReplacing(false);
              setFound(null);
            }}
          />
        </Late>
      )}
    </>
  );
}

function Part({ title, end, children }: { title: string; end?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-b border-border-subtle px-6 pt-4 pb-4.5 phone:px-4">
      <h2 className="mb-2 flex min-h-6 items-center font-medium">
        {title}
        {end !== undefined && <span className="ml-auto font-normal">{end}</span>}
      </h2>
      {children}
    </section>
  );
}

const GLYPHS = { ok: "delivered", warning: "warning", failed: "dead", unknown: "pending" } as const;
const COLOURS = {
  ok: "text-delivered",
  warning: "text-retrying",
  failed: "text-dead",
  unknown: "text-pending",
} as const;

/** What the provider says, a step at a time: the verdict first. */
function Findings({ found }: { found: Shape<"ChannelCheck"> }) {
  const failed = found.checks.filter(({ state }) => state === "failed").length;
  return (
    <div role="status">
      <p className="mb-2.5 text-md font-medium">
        {found.ok ? words.checkOk : words.checkBad(failed)}
      </p>
      <ul className="grid gap-2.5">
        {found.checks.map(({ check, state, detail, advice }) => (
          <li key={`${check} ${detail}`} className="grid grid-cols-[14px_minmax(0,1fr)] gap-x-2.5">
            <span className={`mt-0.75 ${COLOURS[state]}`}>
              <Glyph of={GLYPHS[state]} />
            </span>
            <span>
              <span className="sr-only">{words.checkStates[state]}: </span>
              {detail}
              {advice !== null && <span className="block text-fg-3">{advice}</span>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A channel with a secret of its own has an address of its own; else it is the server's app's. */
function Webhook({ channel }: { channel: Channel }) {
  const { id, kind, has_app_secret: hasOwn } = channel;
  const path = kind === "sms" || hasOwn ? `/in/channels/${id}` : "/in/meta";
  const url = location.origin + path;
  return (
    <>
      <p className="mb-1.5 text-fg-3">{words.webhookHelp}</p>
      <p className="flex items-center gap-1">
        <code className="min-w-0 text-xs break-all text-fg-2">{url}</code>
        <CopyButton text={url} what={words.webhook} />
      </p>
    </>
  );
}

function Credentials({ channel }: { channel: Channel }) {
  if (!isKind(channel.kind)) return null;
  return (
    <>
      <Properties
        items={FIELDS[channel.kind].credentials.map(({ name }) => [
          channelWords.form[name],
          channel[`has_${name}`] ? words.has : words.hasNot,
        ])}
      />
      <p className="mt-2 text-xs text-fg-3">{words.credentialsHelp}</p>
    </>
  );
}

function Facts({ channel }: { channel: Channel }) {
  const may = useMay("accounts:read");
  const { account_id: accountId, waba_id: waba, messaging_service_sid: service } = channel;
  const account = useQuery({
    ...accountQuery(accountId ?? ""),
    enabled: accountId !== null && may.may,
  });
  const code = (text: string) => (
    <code className="text-xs text-fg-2" title={text}>
      {text}
    </code>
  );
  return (
    <Properties
      items={[
        [words.kind, partWords.channels[channel.kind]],
        [words.address, code(channel.external_id)],
        waba === null ? null : [words.business, code(waba)],
        service === null ? null : [words.service, code(service)],
        [words.account, account.data?.name ?? channelWords.noAccount],
        channel.is_default ? [channelWords.isDefault, channelWords.form.isDefault] : null,
        [words.since, <Moment key="since" at={channel.created_at} />],
        [words.changed, <Moment key="changed" at={channel.updated_at} />],
        [words.id, <Id key="id" id={channel.id} shown="always" />],
      ]}
    />
  );
}
