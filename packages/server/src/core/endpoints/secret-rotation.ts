/**
 * `staged` is made and not used yet; `signing` is the one that signs; `retiring` still counts until
 * its time is over.
 */
export type SecretStage = "staged" | "signing" | "retiring";

export interface HeldSecret {
  id: string;
  stage: SecretStage;
  /** ms since the epoch; only what is retiring has an end. */
  expiresAt: number | null;
}

export const ROTATION_STEPS = ["stage", "promote", "retire"] as const;
export type RotationStep = (typeof ROTATION_STEPS)[number];

/** What becomes of an endpoint's secrets. Ids of secrets, but for `adds`. */
export interface RotationPlan {
  /** The stage of a new secret, or null when none is made. */
  adds: "staged" | "signing" | null;
  /** The staged one that signs from now on. */
  promotes: string | null;
  /** The one that has signed and retires now. */
  retires: string | null;
  /** These are destroyed. */
  drops: string[];
}

/** So many older secrets may still count while a new one signs: three rotations in one overlap are a mistake. */
const MOST_RETIRING = 2;
export const DEFAULT_OVERLAP_S = 86_400;
export const LONGEST_OVERLAP_S = 30 * 86_400;
/** A receiver that does not know the new secret answers one of these. */
export const DEFAULT_RESEND_ON: readonly number[] = [401, 403];

/**
 * Stage, promote, retire; without a step a new secret is made and signs at once. `overlapS` is how
 * long the one before counts; 0 ends it at once. A refusal is said in words.
 */
export function planRotation(
  secrets: readonly HeldSecret[],
  step: RotationStep | undefined,
  { now, overlapS }: { now: number; overlapS: number },
): RotationPlan | { refusal: string } {
  const idsOf = (stage: SecretStage) =>
    secrets.filter((each) => each.stage === stage).map((each) => each.id);
  const isOver = ({ stage, expiresAt }: HeldSecret) =>
    stage === "retiring" && expiresAt !== null && expiresAt <= now;
  const over = secrets.filter(isOver).map(({ id }) => id);
  const retiring = idsOf("retiring").filter((id) => !over.includes(id));
  const staged = idsOf("staged");
  if (step === "stage") {
    // One that was staged before and never used is replaced: whoever stages again has lost it.
    return { adds: "staged", promotes: null, retires: null, drops: [...over, ...staged] };
  }
  if (step === "retire") {
    return { adds: null, promotes: null, retires: null, drops: [...over, ...retiring] };
  }
  const [next] = staged;
  if (step === "promote" && next === undefined) {
    return { refusal: "No secret is staged: stage one first, or leave `step` out." };
  }
  const [signing] = idsOf("signing");
  const keeps = signing !== undefined && overlapS > 0;
  if (keeps && retiring.length >= MOST_RETIRING) {
    return {
      refusal: `${retiring.length} older secrets are still retiring: retire them first, or give an overlap_s of 0.`,
    };
  }
  const dropped = signing === undefined || keeps ? [] : [signing];
  const retires = keeps ? signing : null;
  if (step === "promote") {
    return { adds: null, promotes: next ?? null, retires, drops: [...over, ...dropped] };
  }
  return { adds: "signing", promotes: null, retires, drops: [...over, ...staged, ...dropped] };
}
