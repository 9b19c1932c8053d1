/** An error with a SQLSTATE, as pg throws it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a client sees of a connection that is gone. */
export function connectionLost(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

export function uniqueViolation(table: string, key: string): DatabaseError {
  return new DatabaseError('23505', `duplicate key value violates unique constraint of ${table}: ${key}`);
}
