import type { Storm } from "../storm.ts";
import { addressed, askedFor } from "./callers.ts";
import { applied, paced, probedAlone, signed, stoodStill } from "./configuration.ts";
import { gather, type Rule } from "./evidence.ts";
import { bodiesAreGone } from "./expunged.ts";
import { balanced } from "./ledger.ts";
import { inOrder } from "./order.ts";
import { cameToAnEnd, sameBytes, sentOnce } from "./outcomes.ts";
import { leftOnce, lossesAreTold, receiptsAreTold, wordsAreGone } from "./purged.ts";
import { calmlyLogged, onRecord } from "./records.ts";

const RULES: readonly Rule[] = [
  ...[askedFor, addressed, cameToAnEnd, sentOnce, sameBytes, inOrder],
  ...[onRecord, balanced, calmlyLogged],
  ...[bodiesAreGone, wordsAreGone, leftOnce, lossesAreTold, receiptsAreTold],
  ...[applied, stoodStill, signed, paced, probedAlone],
];

/** What is wrong after a storm: a sentence for each, none where everything holds. */
export async function judge(storm: Storm): Promise<string[]> {
  const wrongs = new Set(storm.wrongs);
  const evidence = await gather(storm);
  for (const rule of RULES) await rule(evidence, (what) => wrongs.add(what));
  return [...wrongs];
}
