// Before anything is drawn: a page that turns dark a moment later hurts at night.
{
  const chosen = localStorage.getItem('console-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
}
