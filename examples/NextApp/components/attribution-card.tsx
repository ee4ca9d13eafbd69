'use client';

import { useUser } from '@clerk/nextjs';
import { useEffect } from 'react';
import { useAttribution, type Attribution } from './attribution';

const titles: Record<Attribution['state'], string> = {
  tracked: 'A link brought you',
  pending: 'Not decided yet',
  'not-attributed': 'No link is credited',
};

/** What became of the visitor's sign-up, and why: as the host tells it. */
export function AttributionCard() {
  const { attribution, failed, ask } = useAttribution();
  const { user } = useUser();
  const pending = attribution?.state === 'pending';

  useEffect(() => {
    void ask();
  }, [ask]);

  // Clerk's webhook may still be on its way.
  useEffect(() => {
    if (!pending) {
      return;
    }

    const timer = setInterval(() => void ask(), 2000);
    return () => clearInterval(timer);
  }, [pending, ask]);

  return (
    <section className="card" aria-labelledby="attribution-title" aria-live="polite" data-state={attribution?.state ?? (failed ? 'failed' : 'loading')}>
      <h2 id="attribution-title">
        {attribution ? titles[attribution.state] : failed ? 'The host does not answer' : 'Asking who brought you…'}
      </h2>
      <p className="muted">{explain(attribution, failed)}</p>
      {attribution && (
        <dl className="facts">
          <Fact name="State" value={attribution.state} />
          {attribution.reason && <Fact name="Why" value={attribution.reason} />}
          <Fact name="Click" value={attribution.clickId} />
          <Fact name="Lead" value={attribution.leadId} />
          <Fact name="In your Clerk metadata" value={user?.publicMetadata.dubClickId} />
        </dl>
      )}
      {failed && (
        <button className="button secondary" type="button" onClick={() => void ask()}>
          Ask again
        </button>
      )}
    </section>
  );
}

function explain(attribution: Attribution | null, failed: boolean) {
  if (failed) {
    return 'Your click is kept in this browser, so nothing is lost.';
  }

  if (attribution?.state === 'tracked') {
    return 'Your sign-up is one lead, credited to the link you clicked.';
  }

  return attribution?.message ?? 'One moment.';
}

function Fact({ name, value }: { name: string; value?: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ? <code>{value}</code> : <span className="muted">none</span>}</dd>
    </div>
  );
}
