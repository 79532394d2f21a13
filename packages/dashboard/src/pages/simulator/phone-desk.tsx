import type { ReactNode } from "react";
import { api, taken } from "../../api/client.ts";
import { useAct } from "../../parts/toasts/act.ts";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { partWords, simulatorWords } from "../../words/index.ts";
import { Phone } from "./phone.tsx";
import { KINDS, type SimulatedKind, type Simulator } from "./queries.ts";

export function KindPicker({
  kind,
  onChange,
}: {
  kind: SimulatedKind;
  onChange(kind: SimulatedKind): void;
}) {
  return (
    <fieldset className="mb-4 flex justify-center gap-2">
      <legend className="sr-only">{simulatorWords.channel}</legend>
      {KINDS.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === kind}
          onClick={() => onChange(each)}
          className="grid size-8 place-items-center rounded-md border border-border bg-surface hover:bg-surface-hover aria-pressed:border-accent-solid aria-pressed:shadow-[0_0_0_1px_var(--accent-solid)] touch:size-11"
        >
          <ChannelTile kind={each} size={22} />
        </button>
      ))}
    </fieldset>
  );
}

/** The phone of the first simulated channel of a kind; where there is none, what would make one. */
export function PhoneDesk({
  simulator,
  kind,
  isNew = false,
  connect,
}: {
  simulator: Pick<Simulator, "channels">;
  kind: SimulatedKind;
  /** It was asked for just now: what is typed next is written on it. */
  isNew?: boolean;
  connect?: ReactNode;
}) {
  const channel = simulator.channels.find((each) => each.kind === kind);
  if (channel) return <Phone key={channel.id} channel={channel} isNew={isNew} />;
  const name = partWords.channels[kind];
  return (
    <div className="mx-auto grid h-[540px] w-full max-w-72 place-content-center gap-3 rounded-[34px] border-[7px] border-border bg-surface px-6 text-center">
      <h2 className="font-strong">{simulatorWords.connectTitle(name)}</h2>
      <p className="text-fg-3">{simulatorWords.connectText(name)}</p>
      {connect !== undefined && <span>{connect}</span>}
    </div>
  );
}

/** Makes a channel of a kind whose provider is played on this machine. */
export function useConnectPhone(onDone?: (kind: SimulatedKind) => void) {
  return useAct({
    does: (kind: SimulatedKind) =>
      taken(
        api.POST("/v1/simulator/channels", {
          body: { kind, name: `${partWords.channels[kind]} test` },
        }),
      ),
    changes: [["simulator"], ["channels"]],
    failed: simulatorWords.connectFailed,
    onDone: (_, kind) => onDone?.(kind),
  });
}
