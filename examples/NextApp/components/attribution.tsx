'use client';

import { useAuth, useUser } from '@clerk/nextjs';
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { forgetClick, useClickId } from '@/lib/use-click-id';

/** What the host says of the signed-in user's sign-up. */
export type Attribution = {
  state: 'tracked' | 'pending' | 'not-attributed';
  reason: string | null;
  message: string | null;
  clickId: string | null;
  leadId: string | null;
};

type AttributionContext = {
  attribution: Attribution | null;
  /** The host could not be asked. */
  failed: boolean;
  ask: () => Promise<void>;
};

const Context = createContext<AttributionContext>({ attribution: null, failed: false, ask: async () => {} });

export const useAttribution = () => useContext(Context);

/**
 * Brings a new user's click to the host: one request to our own origin, which says nothing of who the user is. The session cookie proves
 * that, and the click is in its cookie. Once the session's claim has the click there is nothing left to do.
 */
export function AttributionProvider({ children }: { children: ReactNode }) {
  const { userId, sessionClaims } = useAuth();
  const clickId = useClickId();
  const known = sessionClaims?.metadata?.dubClickId;
  const [answer, setAnswer] = useState<{ userId: string; attribution: Attribution | null } | null>(null);
  const asking = useRef<Promise<void> | null>(null);

  const ask = useCallback(() => {
    if (!userId) {
      return Promise.resolve();
    }

    asking.current ??= askHost()
      .then((attribution) => setAnswer({ userId, attribution }))
      .finally(() => {
        asking.current = null;
      });
    return asking.current;
  }, [userId]);

  useEffect(() => {
    if (userId && clickId) {
      if (known) {
        forgetClick();
      } else {
        void ask();
      }
    }
  }, [userId, clickId, known, ask]);

  const mine = answer?.userId === userId ? answer : null;
  useFreshToken(mine?.attribution?.state === 'tracked' && !known);
  return <Context value={{ attribution: mine?.attribution ?? null, failed: mine?.attribution === null, ask }}>{children}</Context>;
}

/** Clerk's user gets the click a moment after the lead is recorded; the session shall say so before its token is refreshed anyway. */
function useFreshToken(wanted: boolean) {
  const { getToken } = useAuth();
  const { user } = useUser();
  useEffect(() => {
    if (!wanted || !user) {
      return;
    }

    let timer: ReturnType<typeof setTimeout>;
    const look = async (attempt: number) => {
      const { publicMetadata } = await user.reload();
      if (publicMetadata.dubClickId) {
        await getToken({ skipCache: true });
      } else if (attempt < 5) {
        timer = setTimeout(() => void look(attempt + 1).catch(() => {}), 1000 * 2 ** attempt);
      }
    };
    void look(0).catch(() => {});
    return () => clearTimeout(timer);
    // Reloading changes the user object, not whose it is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, user?.id]);
}

async function askHost(): Promise<Attribution | null> {
  for (let attempt = 0; attempt < 4; attempt++) {
    try {
      const response = await fetch('/api/dub/attribution', { method: 'POST' });
      if (response.ok) {
        const attribution = (await response.json()) as Attribution;
        // The host has the click now, and expired its cookie as far as it knows this site's domains.
        forgetClick();
        return attribution;
      }

      if (response.status < 500) {
        return null;
      }
    } catch {
      // Offline: the click stays in its cookie until the next page.
    }

    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
  }

  return null;
}
