/** The steps of the second factor come together: who has begun can end it, the server away or not. */
export { AddAuthenticator } from "./add-authenticator.tsx";
export { BackupCodes } from "./backup-codes.tsx";
export { PasswordAsk } from "./password-ask.tsx";
