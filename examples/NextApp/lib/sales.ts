import 'server-only';
import { auth } from '@clerk/nextjs/server';
import { findPlan } from './plans';

export type SaleResult = { recorded: boolean; message: string };

/**
 * Tells Dub.Clerk.Host of a sale. Who bought comes from the session and how much from our own list. The invoice makes it safe to repeat: the
 * same invoice is one sale, however often it is sent.
 *
 * An app that takes money calls this when its payment provider's webhook says that the money came.
 */
export async function recordSale(invoiceId: string, planId: unknown): Promise<SaleResult> {
  const { userId } = await auth.protect();
  const plan = findPlan(planId);
  if (!plan) {
    return { recorded: false, message: 'There is no such plan.' };
  }

  try {
    const response = await fetch(new URL('/track/sale', process.env.DUB_HOST_URL), {
      method: 'POST',
      headers: { Authorization: `Bearer ${process.env.DUB_HOST_API_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        customerExternalId: userId,
        amount: plan.amount,
        currency: 'usd',
        eventName: `${plan.name} plan`,
        paymentProcessor: 'custom',
        invoiceId,
      }),
      signal: AbortSignal.timeout(10_000),
      cache: 'no-store',
    });
    if (!response.ok) {
      console.error(`The sale ${invoiceId} was not recorded: the host answered ${response.status}.`);
      return { recorded: false, message: 'The plan is yours, but its sale could not be recorded.' };
    }

    const { sale } = (await response.json()) as { sale: unknown };
    return sale
      ? { recorded: true, message: `${plan.name} is yours, and the link that brought you is credited with the sale.` }
      : { recorded: true, message: `${plan.name} is yours. No link brought you, so there is nobody to credit.` };
  } catch (error) {
    console.error(`The sale ${invoiceId} was not recorded.`, error);
    return { recorded: false, message: 'The plan is yours, but its sale could not be recorded.' };
  }
}
