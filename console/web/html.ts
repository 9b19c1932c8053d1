import htm from 'htm';
import { h, type ComponentChildren, type VNode } from 'preact';

const markup = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
const spacedOf = new WeakMap<TemplateStringsArray, TemplateStringsArray>();

/** Markup as a template; what is put in is text, never markup. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode {
  return markup(spaced(strings), ...values);
}

/** The end of a line is a blank, as it is in HTML; htm would drop it. Once for each template: htm knows one by its strings. */
function spaced(strings: TemplateStringsArray): TemplateStringsArray {
  let made = spacedOf.get(strings);
  if (made === undefined) {
    const texts = strings.map((text) => text.replace(/\s*\n\s*/g, ' '));
    texts[0] = texts[0]?.trimStart() ?? '';
    texts.push(texts.pop()?.trimEnd() ?? '');
    made = Object.assign(texts, { raw: strings.raw });
    spacedOf.set(strings, made);
  }
  return made;
}

export type View = VNode;
export type Children = ComponentChildren;
