/** The conversation's messages before an event, frozen with it where an endpoint asks for them: JSON text. */
export const up = `
alter table event add column history text;
`;
