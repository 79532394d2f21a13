import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deliveryId, firstIdAt, parseDeliveryId, parseId, publicId, timeOfId } from "./ids.ts";

const uuid = fc.uuid();

describe("public ids", () => {
  test("an id survives the way out and back", () => {
    fc.assert(fc.property(uuid, (id) => parseId("evt", publicId("evt", id)) === id));
  });

  test("ids sort outside as they sort inside", () => {
    fc.assert(fc.property(uuid, uuid, (a, b) => a < b === publicId("msg", a) < publicId("msg", b)));
  });

  test("an id reads as its known base32 form", () => {
    expect(publicId("evt", "01890a5d-ac96-774b-bcce-b302099a8057")).toBe(
      "evt_01h455vb4pex5vsknk084sn02q",
    );
  });

  test.each([
    "",
    "evt_",
    "msg_01h455vb4pex5vsknk084sn02q",
    "evt_81h455vb4pex5vsknk084sn02q",
    "evt_01h455vb4pex5vsknk084sn02",
  ])("%j is not an event's id", (text) => {
    expect(parseId("evt", text)).toBeNull();
  });

  test("a delivery's id names its event and its endpoint", () => {
    fc.assert(
      fc.property(uuid, fc.integer({ min: 1, max: 0x7fffffff }), (eventId, endpoint) => {
        expect(parseDeliveryId(deliveryId(eventId, endpoint))).toEqual({ eventId, endpoint });
      }),
    );
  });

  test("a bound for ids is made of the instant alone", () => {
    expect(timeOfId(firstIdAt(1_795_000_000_123))).toBe(1_795_000_000_123);
  });
});
