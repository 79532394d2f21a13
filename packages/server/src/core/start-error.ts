/** Why Curlew cannot start. The message is for the operator and says what to do about it. */
export class StartError extends Error {
  override readonly name = "StartError";
}
