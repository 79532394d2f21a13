/** What `/readyz` said, for a person: `status` is null when nobody answered. */
export function stateInWords(status: number | null): string {
  if (status === null) return "The server does not answer.";
  return status === 200 ? "The server is ready." : `The server is not ready (${status}).`;
}
