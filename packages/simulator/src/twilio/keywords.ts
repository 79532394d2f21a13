const STOP = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START = ["START", "YES", "UNSTOP"];
const HELP = ["HELP", "INFO"];

export type OptOutType = "STOP" | "START" | "HELP";

/** What Twilio itself makes of a message whose whole text is one of its keywords. */
export function keywordOf(body: string): OptOutType | null {
  const word = body.trim().toUpperCase();
  if (STOP.includes(word)) return "STOP";
  if (START.includes(word)) return "START";
  return HELP.includes(word) ? "HELP" : null;
}
