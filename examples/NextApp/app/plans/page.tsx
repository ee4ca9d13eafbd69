import { auth } from '@clerk/nextjs/server';
import type { Metadata } from 'next';
import { BuyForm } from '@/components/buy-form';
import { recordSale, type SaleResult } from '@/lib/sales';

export const metadata: Metadata = { title: 'Plans' };

export default async function PlansPage() {
  await auth.protect();
  // Made here and sealed into the form by Next: sending the form twice is one sale, and the browser cannot choose it.
  const invoiceId = `inv_${crypto.randomUUID()}`;

  async function buy(_previous: SaleResult | null, form: FormData) {
    'use server';
    return recordSale(invoiceId, form.get('plan'));
  }

  return (
    <div className="narrow">
      <h1>Plans</h1>
      <p className="lead">Nothing is charged. The sale is credited to the link that brought you.</p>
      <BuyForm action={buy} />
    </div>
  );
}
