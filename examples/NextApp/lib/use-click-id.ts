'use client';

import { useSyncExternalStore } from 'react';
import { clickCookie, isClickId } from './click-id';

/**
 * The click in the visitor's cookie. It may come after the first render, because Dub's script writes it too, and it goes when the host has
 * taken note of it. Null when there is none, undefined while only the server has rendered.
 */
export function useClickId(): string | null | undefined {
  return useSyncExternalStore(subscribe, readClickId, () => undefined);
}

/** Removes the cookie wherever a page of this host may have put it: on the host, which is also the server's, and on each parent domain. */
export function forgetClick() {
  const labels = location.hostname.split('.');
  const domains = labels.slice(0, -1).map((_, first) => `; Domain=${labels.slice(first).join('.')}`);
  for (const name of [clickCookie, 'dub_partner_data']) {
    for (const domain of ['', ...domains]) {
      document.cookie = `${name}=; Path=/; Max-Age=0${domain}`;
    }
  }
}

export function readClickId(): string | null {
  const values = document.cookie
    .split('; ')
    .filter((cookie) => cookie.startsWith(`${clickCookie}=`))
    .map((cookie) => cookie.slice(clickCookie.length + 1));
  return values.findLast(isClickId) ?? null;
}

function subscribe(changed: () => void): () => void {
  if ('cookieStore' in window) {
    window.cookieStore.addEventListener('change', changed);
    return () => window.cookieStore.removeEventListener('change', changed);
  }

  const timer = setInterval(changed, 500);
  return () => clearInterval(timer);
}
