import { problem } from './problems.ts';

/**
 * What callers are told about things that do not exist, or not for them: one sentence each, so that nobody learns from
 * the difference what other users have.
 */

export function orderNotFound(orderId: string): Error {
  return problem('order-not-found', `There is no order ${orderId}. Use the orderId that its creation answered.`);
}

export function accountNotFound(userId: string): Error {
  return problem(
    'account-not-found',
    `There is no account for "${userId}"; nothing was changed. Open it first: POST /api/payments/accounts.`,
  );
}

export function userNotFound(userId: string): Error {
  return problem(
    'user-not-found',
    `There is no user "${userId}" for this token; nothing was done. Use the userId that the token was issued for.`,
  );
}
