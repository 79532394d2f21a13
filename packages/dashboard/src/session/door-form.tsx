import { type FormEvent, type ReactNode, useState } from "react";
import { asRefused, type Refused } from "../api/problem.ts";
import { buttonClass } from "../parts/controls/button.tsx";
import { Id } from "../parts/values/id.tsx";

/** A form of the door: it shows what was refused, with the request's id, and takes one press at a time. */
export function DoorForm({
  act,
  onSubmit,
  children,
  foot,
}: {
  act: string;
  onSubmit(): Promise<void>;
  children(refused: Refused | null): ReactNode;
  foot?: ReactNode;
}) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setRefused(null);
    try {
      await onSubmit();
    } catch (error) {
      setRefused(asRefused(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-2">
      {children(refused)}
      {refused !== null && (
        <div role="alert" className="mt-1 text-dead">
          <p>{refused.message}</p>
          {refused.requestId !== null && <Id id={refused.requestId} shown="always" />}
        </div>
      )}
      <button
        type="submit"
        aria-busy={busy || undefined}
        aria-disabled={busy || undefined}
        className={`${buttonClass("primary", "lg")} mt-2 justify-center`}
      >
        {act}
        {busy && <span className="busy-bar" aria-hidden />}
      </button>
      {foot}
    </form>
  );
}
