import type { AcceptedAdvisory } from './judge-audit.ts';

/** Serious advisories against production packages that do not stop a release, each with its reason and its end. */
export const ACCEPTED_ADVISORIES: readonly AcceptedAdvisory[] = [];
