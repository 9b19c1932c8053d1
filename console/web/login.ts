const form = document.querySelector<HTMLFormElement>('#login');
const input = document.querySelector<HTMLInputElement>('#token');
const said = document.querySelector<HTMLElement>('#said');

const CAME_IN_BY_LINK = 'console-came-by-link';

/** A link from elsewhere comes without the cookie, which goes to no other site's pages; asked from here it is sent. */
async function lookForSession(): Promise<void> {
  if (sessionStorage.getItem(CAME_IN_BY_LINK) === location.href) return;
  const { ok } = await fetch('/console/api/session');
  if (!ok) return;
  sessionStorage.setItem(CAME_IN_BY_LINK, location.href);
  location.replace(location.href);
}

async function logIn(token: string): Promise<void> {
  // In the header: a token belongs into no address, which logs and histories keep.
  const response = await fetch('/console/session', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'X-Console': '1' },
  }).catch(() => null);
  if (response?.ok === true) {
    location.reload();
    return;
  }
  if (said === null) return;
  if (response === null) said.textContent = 'The gateway did not answer. Try again.';
  else {
    const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
    said.textContent = detail ?? 'This was not accepted. Try again.';
  }
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const token = input?.value.trim() ?? '';
  if (!/^[\x21-\x7e]+$/.test(token)) {
    if (said !== null) said.textContent = 'A token has neither blanks nor letters with accents. Paste it again.';
    return;
  }
  void logIn(token);
});

void lookForSession();

export {};
