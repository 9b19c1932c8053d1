/** Names under which a machine reaches itself, with or without a port. */
const OWN_NAMES = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Whether a browser was told to ask this machine itself. A page of elsewhere may bear a name of its own that leads to
 * 127.0.0.1 (DNS rebinding); the Host header then says that name.
 */
export function namesThisMachine(host: string | undefined): boolean {
  return host !== undefined && OWN_NAMES.test(host);
}
