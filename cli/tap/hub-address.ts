/** Where a hub answers this machine, and what it wants to hear. */
export interface HubAddress {
  /** `http://127.0.0.1:8899` */
  readonly url: string;
  readonly token: string;
}

/** The page's address for the browser. The token is in it once: the page turns it into a cookie. */
export function pageAddress(hub: HubAddress, filter: string): string {
  const address = new URL(hub.url);
  // `localhost` is what people type and what the page's cookie is for; it is 127.0.0.1 only.
  address.hostname = 'localhost';
  address.searchParams.set('token', hub.token);
  if (filter !== '') address.searchParams.set('filter', filter);
  return address.href;
}
