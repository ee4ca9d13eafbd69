import { auth } from '@clerk/nextjs/server';
import type { Metadata } from 'next';
import Link from 'next/link';
import { AttributionCard } from '@/components/attribution-card';

export const metadata: Metadata = { title: 'Welcome' };

export default async function WelcomePage() {
  await auth.protect();
  return (
    <div className="narrow">
      <h1>Welcome</h1>
      <p className="lead">You are signed in. Below is what the server knows of how you came.</p>
      <p className="actions">
        <Link href="/plans" className="button">
          Choose a plan
        </Link>
      </p>
      <AttributionCard />
    </div>
  );
}
