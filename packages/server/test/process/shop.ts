import { expect } from "vitest";
import type { ServerProcess } from "../support/processes/server-process.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { PHONE_NUMBER_ID } from "./load.ts";

/** A receiver as the server knows it. */
export interface Customer {
  receiver: Receiver;
  /** The endpoint's id and its serial. */
  id: string;
  serial: number;
}

/** A WhatsApp number on the server, and as many endpoints as there are names, each with its receiver. */
export async function openShop(
  server: ServerProcess,
  names: readonly string[],
  endpoint: object = {},
): Promise<Customer[]> {
  const channel = {
    kind: "whatsapp",
    name: "Shop",
    external_id: PHONE_NUMBER_ID,
    credentials: { access_token: "EAAtest" },
  };
  expect((await server.call("POST", "/channels", channel)).status).toBe(201);
  const customers: Customer[] = [];
  for (const name of names) {
    const receiver = await startReceiver();
    const { url, secret } = receiver;
    const answer = await server.call("POST", "/endpoints", { name, url, secret, ...endpoint });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    customers.push({ receiver, id: answer.body.id, serial: answer.body.serial });
  }
  return customers;
}
