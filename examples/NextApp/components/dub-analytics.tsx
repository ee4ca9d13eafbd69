'use client';

import { Analytics } from '@dub/analytics/react';

/** Dub's script, from the host and through this app: it also handles links with `?via=`, which only a script can. */
export function DubAnalytics() {
  return <Analytics apiHost="/api/dub" scriptProps={{ src: '/api/dub/analytics/script.js' }} />;
}
