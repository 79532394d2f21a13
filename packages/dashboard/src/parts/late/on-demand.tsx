import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  Suspense,
  useState,
  useTransition,
} from "react";
import { Hold, Unfetched } from "./late.tsx";

type Face = ReactElement<Record<string, unknown>>;

/**
 * A button whose menu or dialog is fetched when it is pressed first: what nobody opens costs the
 * first page nothing. `open` is given the button, and shows what it opens, open. Until that is here the button keeps
 * the focus, and the page is still.
 */
export function OnDemand({ face, open }: { face: Face; open(trigger: Face): ReactNode }) {
  const [wanted, setWanted] = useState(false);
  const [tries, setTries] = useState(0);
  const [isComing, start] = useTransition();
  const leave = () => setWanted(false);
  const want = () => start(() => setWanted(true));
  return (
    <Unfetched
      key={tries}
      onLeave={() => {
        leave();
        setTries(tries + 1);
      }}
    >
      <Suspense fallback={face}>
        {wanted ? open(face) : cloneElement(face, { onClick: want })}
      </Suspense>
      {isComing && <Hold onLeave={leave} />}
    </Unfetched>
  );
}
