import { useEffect, useState } from 'preact/hooks';
import { goTo } from './router.ts';

/** Keys that go through the rows of a list: j and k, Enter opens, others act on the row that is marked. */
export function useRows(
  count: number,
  keys: Readonly<Record<string, (index: number) => void>>,
): { readonly here: number; readonly setHere: (index: number) => void } {
  const [here, setHere] = useState(-1);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || document.querySelector('dialog[open]') !== null) return;
      if (event.key === 'j' || event.key === 'k') {
        setHere((before) => {
          const next = Math.min(count - 1, Math.max(0, before + (event.key === 'j' ? 1 : -1)));
          document.querySelectorAll('tr[data-row]')[next]?.scrollIntoView({ block: 'nearest' });
          return next;
        });
        return;
      }
      // Enter on a link or button is that one's.
      if (event.key === 'Enter' && (event.target as Element).closest('a, button') !== null) return;
      const act = keys[event.key];
      if (act !== undefined && here >= 0 && here < count) {
        event.preventDefault();
        act(here);
      }
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  });
  return { here, setHere };
}

export function opens(pathOf: (index: number) => string | undefined): { Enter: (index: number) => void } {
  return {
    Enter: (index) => {
      const path = pathOf(index);
      if (path !== undefined) goTo(path);
    },
  };
}

export function isTyping({ target, metaKey, ctrlKey, altKey }: KeyboardEvent): boolean {
  return metaKey || ctrlKey || altKey || (target as Element).matches('input, textarea, select');
}
