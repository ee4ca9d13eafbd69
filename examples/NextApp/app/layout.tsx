import { ClerkProvider, Show, UserButton } from '@clerk/nextjs';
import type { Metadata, Viewport } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { AttributionProvider } from '@/components/attribution';
import { DubAnalytics } from '@/components/dub-analytics';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Acme Notes', template: '%s · Acme Notes' },
  description: 'An example of Clerk sign-ups that become Dub leads, by way of Dub.Clerk.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, themeColor: '#fbfaf8' };

const appearance = {
  variables: { colorPrimary: '#0f5f59', colorForeground: '#1d2523', borderRadius: '0.6rem', fontFamily: 'inherit' },
};

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <ClerkProvider appearance={appearance}>
          <AttributionProvider>
            <a className="skip" href="#content">
              Skip to content
            </a>
            <header className="bar">
              <Link href="/" className="brand">
                <svg viewBox="0 0 24 24" aria-hidden="true">
                  <rect x="3" y="2" width="18" height="20" rx="4" />
                  <path d="M8 8h8M8 12h8M8 16h5" />
                </svg>
                Acme Notes
              </Link>
              <nav aria-label="Main">
                <Show when="signed-in">
                  <Link href="/welcome">Welcome</Link>
                  <Link href="/plans">Plans</Link>
                  <span className="user">
                    <UserButton />
                  </span>
                </Show>
                <Show when="signed-out">
                  <Link href="/sign-in">Sign in</Link>
                  <Link href="/sign-up" className="button small">
                    Sign up
                  </Link>
                </Show>
              </nav>
            </header>
            <main id="content">{children}</main>
          </AttributionProvider>
        </ClerkProvider>
        <DubAnalytics />
      </body>
    </html>
  );
}
