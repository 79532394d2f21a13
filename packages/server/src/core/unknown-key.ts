/** Something was sealed with a master key that we have not. It is told once, for all that it concerns. */
export class UnknownKey extends Error {
  override readonly name = "UnknownKey";
}
