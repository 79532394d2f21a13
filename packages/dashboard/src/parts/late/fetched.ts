import { type ComponentType, createElement, type FunctionComponent, lazy } from "react";

/** Of a part of the page that could not be fetched: nobody answered, or another version did. */
export class PartMissing extends Error {
  override readonly name = "PartMissing";
  /** Lets it be asked for again. */
  readonly forget: () => void;

  constructor(cause: unknown, forget: () => void) {
    super("A part of the page was not fetched", { cause });
    this.forget = forget;
  }
}

/** As Chromium, Firefox, Safari and Vite say it. */
const UNFETCHED =
  /dynamically imported module|Importing a module script failed|Unable to preload CSS/i;

/**
 * A part that is fetched when it is drawn first. React's `lazy` keeps a failure for ever: here it is asked for again,
 * once `Unfetched` has told of it.
 */
export function fetched<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): FunctionComponent<Props> {
  let Part = ask();
  function ask() {
    return lazy<FunctionComponent<Props>>(async () => {
      try {
        const Loaded = await load();
        return { default: (props) => createElement(Loaded, props) };
      } catch (cause) {
        if (!(cause instanceof Error && UNFETCHED.test(cause.message))) throw cause;
        throw new PartMissing(cause, () => {
          Part = ask();
        });
      }
    });
  }
  return (props) => createElement(Part as unknown as FunctionComponent<Props>, props); // what `lazy` makes is drawn like any other
}
