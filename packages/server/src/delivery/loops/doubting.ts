import type { Connections } from "../../storage/connections/connections.ts";

type Transactions = Pick<Connections, "pool" | "transaction">;

/**
 * For transactions that make something due, of which whoever ran them tells when they have ended. One
 * that ends in an error leaves a doubt: where its commit was not answered it may stand all the same, and
 * where it is undone others have passed by what it held, and look for it no more.
 */
export function doubting({ pool, transaction }: Transactions, onDoubt: () => void): Transactions {
  return {
    pool,
    async transaction(work) {
      try {
        return await transaction(work);
      } catch (error) {
        onDoubt();
        throw error;
      }
    },
  };
}
