/** What can be bought. Amounts are in cents, and known here only: a form says which plan, never how much. */
export const plans = [
  { id: 'solo', name: 'Solo', amount: 900, description: 'For one person and their notes.' },
  { id: 'team', name: 'Team', amount: 2900, description: 'Share notebooks with up to ten people.' },
] as const;

export type Plan = (typeof plans)[number];

export function findPlan(id: unknown): Plan | undefined {
  return plans.find((plan) => plan.id === id);
}

export function price(plan: Plan): string {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', minimumFractionDigits: 0 }).format(plan.amount / 100);
}
