'use client';

import { useClickId } from '@/lib/use-click-id';

/** Says to a visitor that their click is known. */
export function Arrival() {
  const clickId = useClickId();
  return (
    <p className="arrival" role="status" data-known={clickId !== undefined}>
      {clickId ? (
        <>
          You came by a link. Your click is <code>{clickId}</code>.
        </>
      ) : (
        'You came without a link.'
      )}
    </p>
  );
}
