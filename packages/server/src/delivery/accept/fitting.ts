/**
 * Says of each of those who wait, looked at in their order, whether it goes along in one batch: its lanes
 * are free, and there is room for its weight. The first that goes may be of any weight. Who waits for a
 * lane or for room keeps the later ones of its lanes waiting too.
 */
export function fitting(
  busy: ReadonlySet<string>,
  maxWeight: number = Number.POSITIVE_INFINITY,
): (lanes: readonly string[], weight: number) => boolean {
  const held = new Set<string>();
  let taken = 0;
  return (lanes, weight) => {
    const hasRoom = taken === 0 || taken + weight <= maxWeight;
    if (hasRoom && !lanes.some((lane) => busy.has(lane) || held.has(lane))) {
      taken += weight;
      return true;
    }
    for (const lane of lanes) held.add(lane);
    return false;
  };
}
