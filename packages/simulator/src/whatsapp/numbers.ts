import { ControlError, fieldsOf } from "../control/input.ts";
import type { CallbackOverride } from "../meta/callbacks.ts";

export interface BusinessNumber {
  phone_number_id: string;
  waba_id: string;
  /** Digits with the country code. */
  display_phone_number: string;
  country_code: string;
  verified_name: string;
  quality_rating: "GREEN" | "YELLOW" | "RED" | "UNKNOWN";
  override: CallbackOverride | null;
}

export interface BusinessAccount {
  waba_id: string;
  subscribed: boolean;
  override: CallbackOverride | null;
}

export interface NumberInput {
  phone_number_id: string;
  waba_id?: string;
  display_phone_number?: string;
  country_code?: string;
  verified_name?: string;
  quality_rating?: BusinessNumber["quality_rating"];
  /** Where its webhooks go, taken without a handshake. */
  callback_url?: string;
}

/** The number that exists when nobody names one: the one of Meta's own examples. */
export const DEFAULT_NUMBER: NumberInput = {
  phone_number_id: "106540352242922",
  waba_id: "102290129340398",
  display_phone_number: "15550783881",
  verified_name: "Lucky Shrub",
};

export type Numbers = ReturnType<typeof createNumbers>;

/** The business phone numbers and the accounts that they belong to. */
export function createNumbers() {
  const numbers = new Map<string, BusinessNumber>();
  const accounts = new Map<string, BusinessAccount>();
  const known = () => [...numbers.keys()].join(", ") || "none";

  return {
    find: (phoneNumberId: string) => numbers.get(phoneNumberId),
    findAccount: (wabaId: string) => accounts.get(wabaId),
    ofAccount: (wabaId: string) => [...numbers.values()].filter((each) => each.waba_id === wabaId),
    all: () => [...numbers.values()],
    /** The number that a control request means: the one it names, or the first. */
    meant(phoneNumberId: string | undefined): BusinessNumber {
      const [first] = numbers.values();
      const number = phoneNumberId === undefined ? first : numbers.get(phoneNumberId);
      if (number) return number;
      throw new ControlError(
        `There is no phone_number_id ${phoneNumberId ?? ""}. Known: ${known()}. ` +
          "Add one with POST /_control/numbers.",
      );
    },
    /** Adds a number, and its account when that is new. */
    put(input: unknown): BusinessNumber {
      const fields = fieldsOf(input, "numbers");
      const id = fields.requiredText("phone_number_id");
      const callback = fields.text("callback_url");
      const display = fields.text("display_phone_number") ?? `1555${id.slice(-7).padStart(7, "0")}`;
      const number: BusinessNumber = {
        phone_number_id: id,
        waba_id: fields.text("waba_id") ?? DEFAULT_NUMBER.waba_id ?? "",
        display_phone_number: display.replace(/\D/g, ""),
        country_code: fields.text("country_code") ?? "1",
        verified_name: fields.text("verified_name") ?? "Simulated Business",
        quality_rating:
          fields.choice("quality_rating", ["GREEN", "YELLOW", "RED", "UNKNOWN"]) ?? "GREEN",
        override: callback === undefined ? null : { url: callback },
      };
      fields.done();
      numbers.set(id, number);
      if (!accounts.has(number.waba_id)) {
        accounts.set(number.waba_id, { waba_id: number.waba_id, subscribed: true, override: null });
      }
      return number;
    },
    clear() {
      numbers.clear();
      accounts.clear();
    },
  };
}
