/** A place in a trace, for what follows from it; opaque, and carried along in memory. */
export type TracePlace = object;

export type TraceValue = string | number | boolean;

export interface StepOptions {
  /** `server` answers somebody, `client` asks somebody, `internal` is our own. */
  kind: "server" | "client" | "internal";
  /** What it belongs to; null for the beginning of a trace, absent for whatever runs now. */
  within?: TracePlace | null;
  about?: Readonly<Record<string, TraceValue>>;
}

/** A step that is under way. */
export interface Step {
  readonly place: TracePlace;
  /** `failure` says in a few words what went wrong. */
  end(outcome?: {
    name?: string;
    about?: Readonly<Record<string, TraceValue>>;
    failure?: string | null;
  }): void;
}

/** Tells the operator's tracing what is done, and for how long. Absent where there is none. */
export interface Tracing {
  begin(name: string, options: StepOptions): Step;
  /** Where what runs now stands. */
  here(): TracePlace;
  /** Runs `work` so that `here` is this place, in it and in all that it awaits. */
  at<T>(place: TracePlace, work: () => T): T;
  /** Where a request's headers say that it belongs. */
  from(headers: Readonly<Record<string, string>>): TracePlace;
}
