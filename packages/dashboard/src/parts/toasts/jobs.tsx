import { useQueries, useQueryClient } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { asRefused } from "../../api/problem.ts";
import { number } from "../../words/format.ts";
import { partWords } from "../../words/index.ts";
import { useActs } from "../acts.ts";
import { changeFollowed, followedJobs, onFollowed } from "./followed-jobs.ts";
import { toasts } from "./toaster.tsx";
import { toastRefusal } from "./toasts.ts";

const EVERY_MS = 1_000;
const GOES_ON = new Set(["waiting", "running"]);

/** Draws a toast for each job that is followed. */
export function Jobs() {
  const jobs = useSyncExternalStore(onFollowed, followedJobs);
  useActs(
    jobs.map(({ id, title }) => ({
      does: partWords.job.stopOf(title),
      icon: Square,
      run: () => void stop(id, title),
    })),
    "everywhere",
  );
  const queries = useQueryClient();
  const shown = useRef(new Map<string, string>());
  const answers = useQueries({
    queries: jobs.map(({ id }) => ({
      queryKey: ["job", id],
      queryFn: () => taken(api.GET("/v1/jobs/{id}", { params: { path: { id } } })),
      refetchInterval: EVERY_MS,
      retry: 3,
    })),
  });
  useEffect(() => {
    jobs.forEach(({ id, title }, n) => {
      const answer = answers[n];
      if (!answer) return;
      if (answer.error) {
        close(shown.current, id);
        toastRefusal(title, asRefused(answer.error));
        changeFollowed(followedJobs().filter((each) => each.id !== id));
      } else if (answer.data) {
        show(shown.current, title, answer.data);
        if (GOES_ON.has(answer.data.state)) return;
        changeFollowed(followedJobs().filter((each) => each.id !== id));
        for (const key of ["deliveries", "delivery", "dead-letters", "ledger", "endpoint"])
          void queries.invalidateQueries({ queryKey: [key] });
      }
    });
  }, [jobs, answers, queries]);
  return null;
}

function show(shown: Map<string, string>, title: string, job: Shape<"Job">): void {
  const goesOn = GOES_ON.has(job.state);
  const done = number(job.done);
  const ends: Record<string, string> = {
    done: partWords.job.done(done),
    stopped: partWords.job.stopped(done),
    failed: job.error ?? partWords.job.failed,
  };
  const options = {
    title,
    description: ends[job.state],
    timeout: goesOn || job.state === "failed" ? 0 : 6_000,
    data: {
      tone: goesOn
        ? ("job" as const)
        : job.state === "failed"
          ? ("bad" as const)
          : ("good" as const),
      progress: { done: job.done, total: job.total },
      ...(goesOn ? { onStop: () => void stop(job.id, title) } : {}),
    },
  };
  const known = shown.get(job.id);
  if (known === undefined) shown.set(job.id, toasts.add(options));
  else toasts.update(known, options);
}

function close(shown: Map<string, string>, id: string): void {
  const known = shown.get(id);
  if (known !== undefined) toasts.close(known);
  shown.delete(id);
}

async function stop(id: string, title: string): Promise<void> {
  try {
    await taken(api.POST("/v1/jobs/{id}/stop", { params: { path: { id } } }));
  } catch (error) {
    toastRefusal(title, asRefused(error));
  }
}
