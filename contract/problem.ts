import { Type, type Static } from '@sinclair/typebox';

/** An error as a client reads it (RFC 9457). */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({
      format: 'uri-reference',
      description: 'The kind of problem: what to branch on, and the address of a page about it.',
    }),
    title: Type.String({ description: 'The kind in a few words; the same for every problem of it.' }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: "The answer's HTTP status." }),
    detail: Type.String({ description: 'What happened this time, and what to do.' }),
    instance: Type.String({ description: 'The path that was asked.' }),
    requestId: Type.String({ description: 'The same as the header X-Request-ID: the log has more under it.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description:
              'JSON pointer into the body (`/amount`), or the name of a parameter of the path or query, or of a header.',
          }),
          detail: Type.String({ description: 'What is wrong with it.' }),
        }),
        { minItems: 1, description: 'Every bad field of the input.' },
      ),
    ),
  },
  { title: 'Problem', description: 'What went wrong, and what to do (RFC 9457).' },
);

export type ProblemDocument = Static<typeof ProblemSchema>;
