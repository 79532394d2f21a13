/** Signing in, the first owner, the second factor, an expired session, an invitation. */
export const sessionWords = {
  tagline: "Events out, messages in.",
  signIn: {
    title: "Sign in",
    email: "E-mail address",
    password: "Password",
    act: "Sign in",
    lost: "An owner can invite you again when a password is lost.",
  },
  owner: {
    title: "Create the owner",
    text: "This server has no account yet. The first one is its owner: it may do everything, and invites the others.",
    name: "Name",
    adminKey: "Admin key",
    adminKeyHelp: "Printed once by the server's first start. It proves that this server is yours.",
    passwordHelp: "10 characters or more. A sentence is easy to keep and hard to guess.",
    act: "Create the owner",
  },
  factor: {
    title: "Second factor",
    text: "Enter the 6 digits that your authenticator shows for Curlew.",
    code: "Code",
    backupText: "Each backup code opens the door once.",
    backupCode: "Backup code",
    useBackup: "Use a backup code instead",
    useCode: "Use the authenticator instead",
    trust: "Do not ask on this browser for 30 days",
    act: "Go on",
    back: "Back",
  },
  invitation: {
    title: "Accept the invitation",
    text: "You were invited to a workspace of this server. Choose how you are called and a password.",
    missing: "The link holds no token. Open it exactly as it was sent to you.",
    act: "Accept",
    known: "You have an account here?",
    knownAct: "Sign in with it",
    signInFirst: "Sign in with the address that was invited.",
    signedIn: (email: string) =>
      `You were invited to a workspace of this server. You join it as ${email}, with the account that you have.`,
  },
  expired: {
    title: "You were signed out",
    text: "The session has ended. Sign in again: nothing that you typed is lost, and what was refused is sent again.",
    leave: "Sign in as somebody else",
  },
} as const;
