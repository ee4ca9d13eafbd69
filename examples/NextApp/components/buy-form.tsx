'use client';

import { useActionState } from 'react';
import { plans, price } from '@/lib/plans';
import type { SaleResult } from '@/lib/sales';

export function BuyForm({ action }: { action: (previous: SaleResult | null, form: FormData) => Promise<SaleResult> }) {
  const [result, buy, buying] = useActionState(action, null);
  return (
    <form action={buy} className="card">
      <fieldset className="plans" disabled={buying || result?.recorded}>
        <legend>Choose a plan</legend>
        {plans.map((plan, index) => (
          <label key={plan.id} className="plan">
            <input type="radio" name="plan" value={plan.id} defaultChecked={index === 0} />
            <strong>{plan.name}</strong>
            <span className="price">
              {price(plan)}
              <span className="muted"> / month</span>
            </span>
            <span className="muted description">{plan.description}</span>
          </label>
        ))}
      </fieldset>
      <button className="button" disabled={buying || result?.recorded}>
        {buying ? 'One moment…' : 'Buy'}
      </button>
      <p role="status" className={result ? (result.recorded ? 'note good' : 'note bad') : 'visually-hidden'}>
        {result?.message}
      </p>
    </form>
  );
}
