import type { NextConfig } from 'next';

const config: NextConfig = {
  // A build has its Clerk keys baked in: the one for the stand-in is kept apart from yours.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // Title and icon in the head of every page, not streamed after it: without the icon's link a browser asks for a /favicon.ico.
  htmlLimitedBots: /./,
  // And some ask for it all the same, in a tab that is opened and left at once.
  redirects: async () => [{ source: '/favicon.ico', destination: '/icon.svg', permanent: false }],
};

export default config;
