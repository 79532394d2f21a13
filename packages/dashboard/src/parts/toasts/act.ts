import { useMutation, useQueryClient } from "@tanstack/react-query";
import { asRefused, type Refused } from "../../api/problem.ts";
import { toastFact, toastRefusal } from "./toasts.ts";

/** An act that takes nothing is run with nothing. */
type Given<Input> = unknown extends Input ? [] : [input: Input];

export interface Act<Input, Output> {
  /** Does it. A refusal is told in a toast unless `onRefused` takes it; it never throws. */
  run(...given: Given<Input>): Promise<Output | undefined>;
  isBusy: boolean;
  /** Of the last run. */
  refusal: Refused | null;
  reset(): void;
}

/**
 * Something that changes what the server holds: one way for all of them. What depends on it is
 * fetched again.
 *
 *     const pause = useAct({
 *       does: (id: string) => taken(api.POST("/v1/endpoints/{id}/pause", { params: { path: { id } } })),
 *       changes: [["endpoints"], ["endpoint"]],
 *       failed: words.pauseFailed,
 *       done: () => ({ fact: "Endpoint paused", consequence: "Its queue waits. Nothing is lost" }),
 *     });
 */
export function useAct<Input, Output>(o: {
  does(input: Input): Promise<Output>;
  /** Beginnings of the query keys that are out of date afterwards. */
  changes: readonly (readonly unknown[])[];
  /** The title of the toast that tells a refusal: `The endpoint was not paused`. */
  failed: string;
  /** What is told when it is done; nothing where the screen shows it already. */
  done?(output: Output, input: Input): Parameters<typeof toastFact>[0] | null;
  onDone?(output: Output, input: Input): void;
  /** Takes a refusal, for a form that shows it beside its fields: answers whether it did. */
  onRefused?(refused: Refused): boolean;
}): Act<Input, Output> {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: o.does,
    onSuccess: (output, input) => {
      for (const queryKey of o.changes) void queries.invalidateQueries({ queryKey });
      const told = o.done?.(output, input);
      if (told) toastFact(told);
      o.onDone?.(output, input);
    },
    onError: (error) => {
      const refused = asRefused(error);
      if (o.onRefused?.(refused) !== true) toastRefusal(o.failed, refused);
    },
  });
  return {
    // What takes nothing is given nothing.
    run: (...[input]) => mutation.mutateAsync(input as Input).catch(() => undefined),
    isBusy: mutation.isPending,
    refusal: mutation.error === null ? null : asRefused(mutation.error),
    reset: mutation.reset,
  };
}
