import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const CIPHER = "aes-256-gcm";
const VERSION = "v1";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where a sealed value lives. It opens there and nowhere else. */
export interface Place {
  table: string;
  /** The row's uuid. */
  row: string;
  column: string;
}

export interface Vault {
  /** `v1.<key id>.<base64url>`: another text each time, which opens only at its own place. */
  seal(plain: string, place: Place): string;
  /** Throws when the text was sealed for another place, altered, or sealed with a key we lack. */
  open(sealed: string, place: Place): string;
}

/** Seals with the first of the 32-byte master keys, opens with any of them. */
export function createVault(masterKeys: readonly Uint8Array[]): Vault {
  const keys = masterKeys.map(readKey);
  const [sealing] = keys;
  if (!sealing) throw new Error("the vault needs a master key");

  return {
    seal(plain, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, sealing.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData(place));
      const sealed = [nonce, cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${VERSION}.${sealing.id}.${Buffer.concat(sealed).toString("base64url")}`;
    },
    open(sealed, place) {
      const [version, keyId, text, ...rest] = sealed.split(".");
      const bytes = Buffer.from(text ?? "", "base64url");
      if (version !== VERSION || rest.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) {
        throw new Error(`${column(place)} does not hold a sealed value`);
      }
      const candidates = keys.filter((each) => each.id === keyId);
      for (const { key } of candidates) {
        const plain = tryOpen(key, bytes, place);
        if (plain !== null) return plain;
      }
      throw new Error(
        candidates.length === 0
          ? `${column(place)} was sealed with a master key that is not in CURLEW_MASTER_KEY`
          : `${column(place)} was altered, or sealed for another place`,
      );
    },
  };
}

function readKey(bytes: Uint8Array): { id: string; key: KeyObject } {
  if (bytes.length !== KEY_BYTES) {
    throw new Error(`a master key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  }
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  return { id, key: createSecretKey(bytes) };
}

function tryOpen(key: KeyObject, bytes: Buffer, place: Place): string | null {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]).toString("utf8");
  } catch {
    return null; // The tag does not fit.
  }
}

/** JSON keeps the parts apart: no other place gives the same bytes. */
function associatedData({ table, row, column }: Place): Buffer {
  return Buffer.from(JSON.stringify([VERSION, table, row, column]));
}

function column({ table, row, column }: Place): string {
  return `${table}.${column} of ${row}`;
}
