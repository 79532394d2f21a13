import { type LucideIcon, Pause, Play, Power, ShieldCheck } from "lucide-react";
import { api, type Shape, taken } from "../../api/client.ts";
import type { Act as Key } from "../../parts/acts.ts";
import { type Act, useAct } from "../../parts/toasts/act.ts";
import { number } from "../../words/format.ts";
import { endpointWords } from "../../words/index.ts";

type Endpoint = Shape<"Endpoint">;

const words = endpointWords;
const changes = [["endpoints"], ["endpoint"]] as const;
const at = (id: string) => ({ params: { path: { id } } });

/** What can be done with an endpoint at once, each by its own state. */
export function useEndpointActs({ id, state }: Pick<Endpoint, "id" | "state">): {
  pause: Act<unknown, unknown>;
  resume: Act<unknown, unknown>;
  enable: Act<unknown, unknown>;
  disable: Act<unknown, unknown>;
  verify: Act<unknown, unknown>;
  /** The one that its state asks for first. */
  first: Key & { icon: LucideIcon; needs: string };
} {
  const resume = useAct({
    does: () => taken(api.POST("/v1/endpoints/{id}/resume", at(id))),
    changes,
    failed: words.notDone(words.acts.resume),
    done: ({ missed }) => returned(words.resumed, missed),
  });
  const pause = useAct({
    does: () => taken(api.POST("/v1/endpoints/{id}/pause", at(id))),
    changes,
    failed: words.notDone(words.acts.pause),
    done: () => ({ ...words.paused, undo: { label: words.undo, run: () => void resume.run() } }),
  });
  const enable = useAct({
    does: () => taken(api.POST("/v1/endpoints/{id}/enable", at(id))),
    changes,
    failed: words.notDone(words.acts.enable),
    done: ({ missed }) => returned(words.enabled, missed),
  });
  const disable = useAct({
    does: () => taken(api.POST("/v1/endpoints/{id}/disable", at(id))),
    changes,
    failed: words.notDone(words.acts.disable),
    done: () => words.disabled,
  });
  const verify = useAct({
    does: () => taken(api.POST("/v1/endpoints/{id}/verify", at(id))),
    changes,
    failed: words.notDone(words.acts.verify),
    done: ({ verification: { verified, reason } }) => ({
      fact: words.verified(verified),
      ...(reason === null ? {} : { consequence: reason }),
    }),
  });
  const needs = "endpoints:write";
  const first = {
    enabled: { does: words.acts.pause, key: "p", icon: Pause, run: () => void pause.run() },
    paused: { does: words.acts.resume, key: "p", icon: Play, run: () => void resume.run() },
    disabled: { does: words.acts.enable, key: "p", icon: Power, run: () => void enable.run() },
    pending: { does: words.acts.verify, key: "p", icon: ShieldCheck, run: () => void verify.run() },
  }[state];
  return { pause, resume, enable, disable, verify, first: { ...first, needs } };
}

function returned(
  told: { fact: string; consequence: string },
  missed: { dead_letters: number } | null,
): { fact: string; consequence: string } {
  if (!missed || missed.dead_letters === 0) return told;
  return { ...told, consequence: words.missed(number(missed.dead_letters)) };
}
