import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLive } from "../../live/use-live.ts";
import { record } from "./reading.ts";

/** What is shown is fetched again so often at most, ms. */
const EVERY_MS = 400;

/** Keeps conversations and threads as they are on the server while events come in. */
export function useFollowing(): void {
  const queries = useQueryClient();
  const due = useRef({ ids: new Set<string>(), timer: 0 });
  useEffect(() => () => clearTimeout(due.current.timer), []);
  const fetchAgain = () => {
    const { ids } = due.current;
    due.current = { ids: new Set(), timer: 0 };
    void queries.invalidateQueries({ queryKey: ["conversations"] });
    for (const id of ids) {
      void queries.invalidateQueries({ queryKey: ["conversation", id] });
      void queries.invalidateQueries({ queryKey: ["messages", id] });
    }
  };
  useLive(
    ({ body }) => {
      const id = record(body["conversation"])["id"];
      if (typeof id !== "string") return;
      due.current.ids.add(id);
      if (due.current.timer === 0) due.current.timer = window.setTimeout(fetchAgain, EVERY_MS);
    },
    () => {
      for (const noun of ["conversations", "conversation", "messages"])
        void queries.invalidateQueries({ queryKey: [noun] });
    },
  );
}
