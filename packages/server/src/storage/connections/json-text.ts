/** As `JSON.stringify` writes them: a whole pair stands there itself, and after a backslash it is no escape. */
const UNFIT = String.raw`(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})`;

/**
 * JSON text of ours as `jsonb`, to look into. That holds neither a NUL nor half a surrogate pair, which
 * what others have sent may: both are read as U+FFFD.
 */
export function asJsonb(text: string): string {
  return String.raw`(case when strpos(${text}, '\u0000') = 0 and strpos(${text}, '\ud') = 0 then ${text}
    else regexp_replace(${text}, '${UNFIT}', '\1�', 'g') end)::jsonb`;
}
