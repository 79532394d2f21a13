import { stateInWords } from "./state.ts";

const place = document.getElementById("state");
if (place) place.textContent = stateInWords(await statusOf("/readyz"));

/** The status that the server answers with, or null when nobody answers. */
async function statusOf(path: string): Promise<number | null> {
  try {
    return (await fetch(path)).status;
  } catch {
    return null;
  }
}
