import { type Finding, finding } from "./findings.ts";
import { CLEAR, type Diagnosed, SCHEMES, type Scheme } from "./schemes.ts";
import { expectedDigest, explain, type Signed } from "./slips.ts";

export const TOLERANCE_S = 300;
const SECONDS = /^(0|[1-9]\d{0,10})$/;
const MILLISECONDS = /^\d{12,14}$/;

export interface Suspect {
  /** As the receiver had them, names in any case. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** As the receiver verified it. */
  body: string;
  secret: string;
  /** Found by the headers when null. */
  dialect: Diagnosed | null;
  /** ms since the epoch. */
  now: number;
}

export interface Diagnosis {
  dialect: Diagnosed;
  /** A receiver that does as it should accepts the request. */
  accepted: boolean;
  /** What the header should hold for this body; null where it is the secret itself. */
  expected: string | null;
  findings: Finding[];
}

/** Says what is wrong with a signed request. Pure: it keeps nothing, and names the secret nowhere. */
export function diagnose(suspect: Suspect): Diagnosis {
  const headers = new Headers(suspect.headers);
  const scheme = schemeOf(suspect, headers);
  if (scheme === null) return diagnoseClear(suspect, headers);
  const findings: Finding[] = [];
  const required = [scheme.header];
  if (scheme.content !== "body") required.push("webhook-id", "webhook-timestamp");
  for (const name of required) findings.push(...headers.faultsOf(name));
  findings.push(...strangers(scheme.header, headers));
  const signed: Signed = {
    id: headers.find("webhook-id") ?? "",
    timestamp: headers.find("webhook-timestamp") ?? "",
    body: suspect.body,
  };
  const digest = expectedDigest(scheme, suspect.secret, signed);
  const given = headers.find(scheme.header);
  if (given !== null) findings.push(...judge(given, scheme, suspect, signed));
  if (scheme.content !== "body" && signed.timestamp !== "") {
    findings.push(...judgeTime(signed.timestamp, suspect.now));
  }
  return {
    // As it was named, or found among ours.
    dialect: scheme.dialect as Diagnosed,
    accepted: !findings.some(({ code }) => code !== "header_case"),
    expected: scheme.prefix + digest.toString(scheme.encoding),
    findings,
  };
}

/** Null stands for the dialect that does not sign. */
function schemeOf({ dialect }: Suspect, headers: Headers): Scheme | null {
  const native = SCHEMES[0];
  if (!native) throw new Error("the native dialect signs");
  if (dialect === CLEAR.dialect) return null;
  const named = SCHEMES.find((scheme) => scheme.dialect === dialect);
  if (named) return named;
  // The four dialects carry the native headers too: their own tells them apart.
  const own = SCHEMES.slice(1).find(({ header }) => headers.find(header) !== null);
  if (own) return own;
  return headers.find(native.header) === null && headers.find(CLEAR.header) !== null
    ? null
    : native;
}

function diagnoseClear({ secret }: Suspect, headers: Headers): Diagnosis {
  const findings = [...headers.faultsOf(CLEAR.header), ...strangers(CLEAR.header, headers)];
  const given = headers.find(CLEAR.header);
  if (given !== null && given !== secret) {
    findings.push(
      given.trim() === secret.trim()
        ? finding("secret_padded", "The secrets differ in the white space around them.")
        : finding("secret_differs", `${CLEAR.header} holds another secret.`),
    );
  }
  const accepted = !findings.some(({ code }) => code !== "header_case");
  return { dialect: CLEAR.dialect, accepted, expected: null, findings };
}

/** Every header of every dialect that is missing here, while another dialect's is there. */
function strangers(header: string, headers: Headers): Finding[] {
  if (headers.find(header) !== null) return [];
  const others = [...SCHEMES, CLEAR].filter((each) => headers.find(each.header) !== null);
  return others.map(({ dialect, header: found }) =>
    finding("other_dialect", `There is ${found} instead, which is how ${dialect} signs.`),
  );
}

function judge(given: string, scheme: Scheme, suspect: Suspect, signed: Signed): Finding[] {
  const pieces = piecesOf(given, scheme);
  if (pieces.length === 0) {
    return [finding("unreadable_signature", `${scheme.header} holds no digest.`)];
  }
  let best: Finding[] | null = null;
  for (const { digest, slips } of pieces) {
    const explained = explain(digest, scheme, { secret: suspect.secret, signed });
    if (explained === null) continue;
    const found = [...slips, ...explained];
    if (best === null || found.length < best.length) best = found;
  }
  if (best !== null) return best;
  const form = pieces.find(({ slips }) => slips.length > 0);
  const unknown = finding(
    "no_match",
    "Neither this secret nor any usual slip explains the signature.",
  );
  return form && pieces.length === 1 ? [...form.slips, unknown] : [unknown];
}

interface Piece {
  digest: Buffer;
  slips: Finding[];
}

/** The digests that a header's value may hold, each with what is wrong with how it is written. */
function piecesOf(value: string, scheme: Scheme): Piece[] {
  // A list is only for the dialect that has one.
  const texts = scheme.prefix === "v1," ? value.trim().split(/\s+/) : [value.trim()];
  return texts.flatMap((text) => {
    const { bare, slips } = cutPrefix(text, scheme);
    const read = digestOf(bare);
    if (read === null) return [];
    return [{ digest: read.digest, slips: [...slips, ...encodingSlips(read.form, scheme)] }];
  });
}

function cutPrefix(text: string, { prefix }: Scheme): { bare: string; slips: Finding[] } {
  if (prefix !== "" && text.startsWith(prefix))
    return { bare: text.slice(prefix.length), slips: [] };
  const found = /^(v\d+[,=:]|sha\d+=|hmac-sha\d+=|t=\d+,v1=)/i.exec(text)?.[0] ?? "";
  const bare = text.slice(found.length);
  if (prefix === "") {
    const slips =
      found === "" ? [] : [finding("prefix_unexpected", `${found} stands before the digest.`)];
    return { bare, slips };
  }
  const instead = found === "" ? "nothing" : found;
  return {
    bare,
    slips: [finding("prefix_missing", `${instead} stands before the digest, not ${prefix}`)],
  };
}

type Form = "base64" | "base64url" | "hex" | "HEX" | "hex in base64";

function digestOf(text: string): { digest: Buffer; form: Form } | null {
  if (/^[0-9a-f]+$/.test(text) && text.length % 8 === 0 && text.length >= 40) {
    return { digest: Buffer.from(text, "hex"), form: "hex" };
  }
  if (/^[0-9a-f]+$/i.test(text) && text.length % 8 === 0 && text.length >= 40) {
    return { digest: Buffer.from(text, "hex"), form: "HEX" };
  }
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const digest = Buffer.from(text, "base64");
  const inner = digest.toString("latin1");
  if (/^[0-9a-f]{40,128}$/.test(inner)) {
    return { digest: Buffer.from(inner, "hex"), form: "hex in base64" };
  }
  if (digest.length < 16) return null;
  const isPlain = digest.toString("base64") === text;
  return { digest, form: isPlain ? "base64" : "base64url" };
}

function encodingSlips(form: Form, { encoding, header }: Scheme): Finding[] {
  if (form === encoding) return [];
  if (encoding === "hex" && form === "HEX") {
    return [finding("upper_case_hex", `The digest in ${header} is in upper case.`)];
  }
  const shown = form === "HEX" ? "hex" : form;
  return [finding("wrong_encoding", `The digest is written in ${shown}, not in ${encoding}.`)];
}

function judgeTime(text: string, now: number): Finding[] {
  if (MILLISECONDS.test(text)) {
    return [finding("timestamp_in_milliseconds", `webhook-timestamp is ${text}.`)];
  }
  if (!SECONDS.test(text)) {
    return [finding("timestamp_unreadable", "webhook-timestamp is no number of seconds.")];
  }
  const ageS = Math.floor(now / 1000) - Number(text);
  if (ageS > TOLERANCE_S) {
    return [finding("timestamp_too_old", `It is ${ageS} s old; ${TOLERANCE_S} s are let pass.`)];
  }
  if (-ageS > TOLERANCE_S) {
    return [finding("timestamp_too_new", `It is ${-ageS} s ahead; ${TOLERANCE_S} s are let pass.`)];
  }
  return [];
}

/** Headers by their lower-case names. */
class Headers {
  readonly #found = new Map<string, { names: string[]; values: string[] }>();

  constructor(headers: Suspect["headers"]) {
    for (const [name, value] of Object.entries(headers)) {
      const entry = this.#found.get(name.toLowerCase()) ?? { names: [], values: [] };
      entry.names.push(name);
      entry.values.push(...[value].flat());
      this.#found.set(name.toLowerCase(), entry);
    }
  }

  find(name: string): string | null {
    const value = this.#found.get(name)?.values[0];
    return value === undefined || value === "" ? null : value;
  }

  faultsOf(name: string): Finding[] {
    const entry = this.#found.get(name);
    if (this.find(name) === null || !entry) {
      return [finding("missing_header", `There is no ${name}.`)];
    }
    const faults: Finding[] = [];
    if (entry.values.length > 1) {
      faults.push(finding("duplicate_header", `${name} came ${entry.values.length} times.`));
    }
    const [spelled] = entry.names;
    if (spelled !== undefined && spelled !== name) {
      faults.push(finding("header_case", `${name} was looked at as ${spelled}.`));
    }
    return faults;
  }
}
