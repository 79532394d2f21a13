import type { Connections } from "../../storage/connections/connections.ts";

type Transactions = Pick<Connections, "pool" | "transaction">;

/**
 * For transactions that make something due, of which whoever ran them tells when they have ended. Where
 * a commit is not answered nobody can tell, and it may stand all the same: that is a doubt.
 */
export function doubting({ pool, transaction }: Transactions, onDoubt: () => void): Transactions {
  return {
    pool,
    async transaction(work) {
      let isCommitting = false;
      try {
        return await transaction(async (tx) => {
          const result = await work(tx);
          isCommitting = true;
          return result;
        });
      } catch (error) {
        if (isCommitting) onDoubt();
        throw error;
      }
    },
  };
}
