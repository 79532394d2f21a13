import { Copy, Link2, PenLine, Plus, Send } from "lucide-react";
import { useEffect, useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Button, ButtonLink } from "../../parts/controls/button.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { curlOf } from "../../parts/values/api-call.tsx";
import { copyText } from "../../parts/values/copy.tsx";
import { firstRunWords, partWords, simulatorWords } from "../../words/index.ts";
import type { Conversation } from "../inbox/queries.ts";
import { useConnectPhone } from "../simulator/phone-desk.tsx";
import type { Catcher, SimulatedChannel, SimulatedKind } from "../simulator/queries.ts";
import type { Progress } from "./progress.ts";
import type { StepName } from "./steps.ts";

const words = firstRunWords.steps;

/** The one press that does a step, or leads to where it is done. */
export function StepAct({ of, progress }: { of: StepName; progress: Progress }) {
  const { catcher, endpoint, channel, conversation, kind } = progress;
  switch (of) {
    case "endpoint":
      return endpoint === null ? (
        <MakeEndpoint catcher={catcher} />
      ) : (
        <ButtonLink size="sm" kind="primary" to={`/endpoints/${endpoint.id}`}>
          {words.endpoint.look}
        </ButtonLink>
      );
    case "channel":
      return <ConnectPhone kind={kind} />;
    case "write":
      return channel && <Write channel={channel} />;
    case "publish":
      return <Publish />;
    case "caught":
      return (
        <ButtonLink size="sm" to="/deliveries">
          {words.caught.look}
        </ButtonLink>
      );
    case "answer":
      return conversation && <Answer conversation={conversation} />;
    case "owner":
      return null;
  }
}

function MakeEndpoint({ catcher }: { catcher: Catcher | null }) {
  const make = useAct({
    does: async () => {
      const { name, url } = catcher ?? (await taken(api.POST("/v1/catchers", { body: {} })));
      return taken(api.POST("/v1/endpoints", { body: { name, url, dialect: "curlew" } }));
    },
    changes: [["catchers"], ["endpoints"]],
    failed: words.endpoint.failed,
  });
  return (
    <Button
      size="sm"
      kind="primary"
      icon={Plus}
      needs="endpoints:write"
      busy={make.isBusy}
      onClick={() => void make.run()}
    >
      {words.endpoint.act}
    </Button>
  );
}

function ConnectPhone({ kind }: { kind: SimulatedKind }) {
  const connect = useConnectPhone();
  return (
    <Button
      size="sm"
      kind="primary"
      icon={Link2}
      needs="channels:write"
      busy={connect.isBusy}
      onClick={() => void connect.run(kind)}
    >
      {words.channel.act(partWords.channels[kind])}
    </Button>
  );
}

function Write({ channel: { id } }: { channel: SimulatedChannel }) {
  const write = useAct({
    does: () =>
      taken(
        api.POST("/v1/simulator/channels/{id}/acts", {
          params: { path: { id } },
          body: { text: words.write.text },
        }),
      ),
    changes: [["phone", id], ["caught"], ["conversations"]],
    failed: simulatorWords.actFailed,
  });
  return (
    <Button
      size="sm"
      kind="primary"
      icon={PenLine}
      needs="channels:write"
      busy={write.isBusy}
      onClick={() => void write.run()}
    >
      {words.write.act}
    </Button>
  );
}

function Publish() {
  const publish = useAct({
    does: () =>
      taken(api.POST("/v1/events", { body: { type: "order.shipped", data: { order: "A-1" } } })),
    changes: [["caught"]],
    failed: words.publish.failed,
  });
  return (
    <Button
      size="sm"
      kind="primary"
      icon={Send}
      needs="events:write"
      busy={publish.isBusy}
      onClick={() => void publish.run()}
    >
      {words.publish.act}
    </Button>
  );
}

function Answer({ conversation: { id, channel } }: { conversation: Conversation }) {
  const send = useAct({
    does: () =>
      taken(
        api.POST("/v1/send", {
          body: { conversation_id: id, text: words.answer.text, actor: "agent", dry_run: false },
        }),
      ),
    changes: [["phone", channel.id], ["conversation", id], ["caught"]],
    failed: words.answer.failed,
  });
  return (
    <>
      <Button
        size="sm"
        kind="primary"
        icon={Send}
        needs="messages:send"
        busy={send.isBusy}
        onClick={() => void send.run()}
      >
        {words.answer.act}
      </Button>
      <CopyCommand conversationId={id} />
    </>
  );
}

const COPIED_MS = 2_000;

function CopyCommand({ conversationId }: { conversationId: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      size="sm"
      icon={Copy}
      onClick={() => void copyText(answerCommand(conversationId)).then(setCopied)}
    >
      {copied ? words.answer.copied : words.answer.copy}
    </Button>
  );
}

/** The answer as a call of the Send API, for a shell. */
export function answerCommand(conversationId: string): string {
  const body = { conversation_id: conversationId, text: words.answer.text };
  return curlOf({ method: "POST", path: "/v1/send", body });
}
