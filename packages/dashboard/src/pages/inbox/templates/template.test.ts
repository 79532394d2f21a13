import { expect, test } from "vitest";
import type { Template } from "../queries.ts";
import { blanksOf, buttonsOf, componentsFor, filled, keyOf } from "./template.ts";

const TEMPLATE: Template = {
  id: "594425479261596",
  waba_id: "102290129340398",
  name: "service_ready",
  language: "en_US",
  category: "UTILITY",
  status: "APPROVED",
  quality: null,
  synced_at: "2026-11-21T10:00:00.000Z",
  components: [
    { type: "HEADER", format: "IMAGE" },
    { type: "BODY", text: "Hi {{1}}, your {{2}} is ready. Until {{day}}, {{1}}." },
    { type: "FOOTER", text: "Velo Nord" },
    { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Confirm" }, { type: "URL" }] },
  ],
};

test("a template asks for each of its places once, and for the address of its picture", () => {
  expect(blanksOf(TEMPLATE).map(keyOf)).toEqual(["header image", "body 1", "body 2", "body day"]);
  expect(buttonsOf(TEMPLATE)).toEqual(["Confirm"]);
});

test("what is filled in is read in the preview and sent as Meta's components, in order", () => {
  const values = {
    "header image": "https://velo.example/bike.png",
    "body 1": "Aino",
    "body 2": "bike",
    "body day": "Sunday",
  };
  expect(filled(TEMPLATE, "body", { "body 1": "Aino" })).toBe(
    "Hi Aino, your {{2}} is ready. Until {{day}}, Aino.",
  );
  expect(componentsFor(TEMPLATE, values)).toEqual([
    {
      type: "header",
      parameters: [{ type: "image", image: { link: "https://velo.example/bike.png" } }],
    },
    {
      type: "body",
      parameters: [
        { type: "text", text: "Aino" },
        { type: "text", text: "bike" },
        { type: "text", parameter_name: "day", text: "Sunday" },
      ],
    },
  ]);
});

test("a template without places is sent without components", () => {
  const plain = { ...TEMPLATE, components: [{ type: "BODY", text: "We are open." }] };
  expect(componentsFor(plain, {})).toEqual([]);
});
