import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import {
  findEndpointSerial,
  listEndpointSerials,
} from "../../storage/deliveries/delivery-reads.ts";
import { fieldRefused } from "../api.ts";
import { ownerOf } from "../resource.ts";

/** The endpoints that a list is about: the one named, a confined key's own, or null for all there are. */
export async function endpointsOf(
  db: Queryable,
  principal: Principal,
  endpointId: string | undefined,
): Promise<number[] | null> {
  const owner = ownerOf(principal);
  if (endpointId === undefined) {
    return owner.accountId === null ? null : listEndpointSerials(db, owner);
  }
  const serial = await findEndpointSerial(db, owner, endpointId);
  if (serial !== null) return [serial];
  throw fieldRefused("endpoint_id", `there is no endpoint ${publicId("ep", endpointId)}`);
}
