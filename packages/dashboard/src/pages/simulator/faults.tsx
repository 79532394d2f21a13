import { api, type Shape, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Switch } from "../../parts/controls/switches.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { simulatorWords } from "../../words/index.ts";

type Faults = Shape<"SimulatorFaults">;

const NAMES = ["deliver_twice", "out_of_order", "lose_answers", "wrong_signature"] as const;

/** What goes wrong on purpose, with every simulated channel of this server. */
export function FaultSwitches({ faults }: { faults: Faults }) {
  const words = simulatorWords.faults;
  const { may } = useMay("channels:write");
  const set = useAct({
    does: (body: Faults) => taken(api.PUT("/v1/simulator/faults", { body })),
    changes: [["simulator"]],
    failed: words.failed,
  });
  return (
    <section aria-label={words.title} className="mt-4">
      <h2 className="border-b border-border pb-2 text-xs text-fg-2">{words.title}</h2>
      {NAMES.map((name) => (
        <div key={name} className="flex min-h-8.5 items-center border-b border-border-subtle">
          <span className="flex-1">{words[name]}</span>
          <Switch
            label={words[name]}
            checked={faults[name]}
            disabled={!may}
            onChange={(on) => void set.run({ ...faults, [name]: on })}
          />
        </div>
      ))}
    </section>
  );
}
