import { signal } from '@preact/signals';

/** What all views share. */

/** Milliseconds since the epoch, each second: relative times grow by it. */
export const clock = signal(Date.now());
setInterval(() => {
  if (!document.hidden) clock.value = Date.now();
}, 1000);

/** Whether the reader has stopped all updates. */
export const isPaused = signal(false);

export const showsUtc = signal(localStorage.getItem('console-utc') === 'yes');

export function toggleUtc(): void {
  showsUtc.value = !showsUtc.value;
  localStorage.setItem('console-utc', showsUtc.value ? 'yes' : 'no');
}

/** Changes with light and dark: canvases are drawn anew. */
export const theme = signal(currentTheme());
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
systemIsDark.addEventListener('change', () => {
  theme.value = currentTheme();
});

function currentTheme(): 'light' | 'dark' {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function toggleTheme(): void {
  const next = currentTheme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  localStorage.setItem('console-theme', next);
  theme.value = next;
}

/** Who acts, as they call themselves: remembered, since every act asks for it. */
export const actor = signal(localStorage.getItem('console-by') ?? '');

export function rememberActor(name: string): void {
  actor.value = name;
  localStorage.setItem('console-by', name);
}

/** A text that somebody has marked to copy must not be drawn anew under their hand. */
export function isSelecting(): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.toString() !== '';
}
