import htm from 'htm';
import { h, type ComponentChildren, type VNode } from 'preact';

/** Markup as a template; what is put in is text, never markup. */
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode = htm.bind(h) as never;

export type View = VNode;
export type Children = ComponentChildren;
