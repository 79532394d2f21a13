/** A receiver's public key, JWK as JSON text: what is to be kept of purged bodies for it is sealed to that. */
export const up = `
alter table endpoint add column hold_key text;
`;
