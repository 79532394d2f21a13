import { useEffect, useRef, useSyncExternalStore } from "react";
import {
  type LiveEvent,
  type LiveState,
  liveState,
  onLiveEvent,
  onLiveGap,
  onLiveState,
} from "./stream.ts";

export function useLiveState(): LiveState {
  return useSyncExternalStore(onLiveState, liveState);
}

/** Hears what happens while the component is shown; `onGap` when something may have been missed. */
export function useLive(onEvent: (event: LiveEvent) => void, onGap?: () => void): void {
  const latest = useRef({ onEvent, onGap });
  latest.current = { onEvent, onGap };
  useEffect(() => {
    const stop = onLiveEvent((event) => latest.current.onEvent(event));
    const stopGap = onLiveGap(() => latest.current.onGap?.());
    return () => {
      stop();
      stopGap();
    };
  }, []);
}
