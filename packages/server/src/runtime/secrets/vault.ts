import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { UnknownKey } from "../../core/unknown-key.ts";

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
  /** The names of its keys, the one that seals first. */
  keyIds(): readonly string[];
  /** From now on these are its keys. */
  change(masterKeys: readonly Uint8Array[]): void;
}

/** Seals with the first of the 32-byte master keys, opens with any of them. */
export function createVault(masterKeys: readonly Uint8Array[]): Vault {
  let keys = read(masterKeys);

  return {
    keyIds: () => keys.map(({ id }) => id),
    change(changed) {
      keys = read(changed);
    },
    seal(plain, place) {
      const [sealing] = keys;
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
      if (candidates.length === 0) {
        throw new UnknownKey(
          `${column(place)} was sealed with a master key that is not in CURLEW_MASTER_KEY`,
        );
      }
      throw new Error(`${column(place)} was altered, or sealed for another place`);
    },
  };
}

interface MasterKey {
  id: string;
  key: KeyObject;
}

function read(masterKeys: readonly Uint8Array[]): [MasterKey, ...MasterKey[]] {
  const [first, ...rest] = masterKeys.map(readKey);
  if (!first) throw new Error("the vault needs a master key");
  return [first, ...rest];
}

function readKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== KEY_BYTES) {
    throw new Error(`a master key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  }
  return { id: keyIdOf(bytes), key: createSecretKey(bytes) };
}

/** A master key's name: the beginning of its SHA-256. What it seals says it. */
export function keyIdOf(masterKey: Uint8Array): string {
  return createHash("sha256").update(masterKey).digest("hex").slice(0, 8);
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
