/** A number in [0, 1): for spreading things out, never for secrets. */
export const chance = (): number => Math.random();
