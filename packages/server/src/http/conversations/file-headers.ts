/** What a browser may show without running anything of it. */
const SHOWN = /^(image\/(jpeg|png|gif|webp|avif|heic|heif|bmp)|(audio|video)\/[\w.+-]+)$/;

/** Whether a browser shows such a file, and does not save it. */
export function isShown(mime: string): boolean {
  return SHOWN.test(mime);
}

/** A file that a customer sent: nothing of it is ever run. `filename` counts where it is to be saved. */
export function fileHeaders(mime: string, filename: string): Record<string, string> {
  return {
    "content-type": mime.startsWith("text/") ? `${mime}; charset=utf-8` : mime,
    "content-disposition": isShown(mime) ? "inline" : attachment(filename),
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  };
}

/** To be saved, under the name that its sender gave it (RFC 6266). */
function attachment(filename: string): string {
  const plain = filename.replace(/[^\w.-]/g, "_").slice(-100);
  // Half a character, which a customer's device may well send, cannot be encoded.
  const whole = Buffer.from(filename, "utf8").toString("utf8");
  const exact = encodeURIComponent(whole).replace(/['()*]/g, percent);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}

function percent(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}
