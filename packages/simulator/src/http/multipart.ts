export interface Part {
  name: string;
  filename: string | null;
  contentType: string | null;
  bytes: Buffer;
}

/** The parts of a multipart/form-data body, or null when it is not one. */
export function parseMultipart(contentType: string | undefined, body: Buffer): Part[] | null {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(
    contentType ?? "",
  );
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return null;
  const parts: Part[] = [];
  const delimiter = Buffer.from(`\r\n--${mark}`);
  // With a line break before it the first delimiter looks like all the others.
  const whole = Buffer.concat([Buffer.from("\r\n"), body]);
  let start = whole.indexOf(delimiter);
  while (start !== -1) {
    const from = start + delimiter.length;
    const next = whole.indexOf(delimiter, from);
    if (next === -1) break;
    const part = readPart(whole.subarray(from, next));
    if (part) parts.push(part);
    start = next;
  }
  return parts;
}

function readPart(raw: Buffer): Part | null {
  const end = raw.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const head = raw.subarray(0, end).toString("utf8");
  const name = /;\s*name="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return null;
  return {
    name,
    filename: /;\s*filename="([^"]*)"/i.exec(head)?.[1] ?? null,
    contentType: /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? null,
    bytes: raw.subarray(end + 4),
  };
}
