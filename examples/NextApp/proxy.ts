import { clerkMiddleware } from '@clerk/nextjs/server';
import { NextResponse, type NextRequest } from 'next/server';
import { clickCookie, isClickId } from '@/lib/click-id';

const ninetyDays = 90 * 24 * 60 * 60;

/** What of Dub.Clerk.Host is reachable through this app, and nothing else. Session and click cookies travel along by themselves. */
const hostPaths = new Map([
  ['/api/dub/attribution', '/attribution'],
  ['/api/dub/track/click', '/track/click'],
  ['/api/dub/analytics/script.js', '/analytics/script.js'],
]);

export default clerkMiddleware(
  (_auth, request) => {
    const { pathname, search, searchParams } = request.nextUrl;
    const hostPath = hostPaths.get(pathname);
    if (hostPath) {
      // Read at run time: rewrites in next.config are frozen when the app is built.
      return NextResponse.rewrite(new URL(hostPath + search, process.env.DUB_HOST_URL));
    }

    const clickId = searchParams.get(clickCookie);
    return isClickId(clickId) && isPageOpened(request) ? keepClick(request, clickId) : undefined;
  },
  {
    jwtKey: process.env.CLERK_JWT_KEY || undefined,
    authorizedParties: process.env.APP_ORIGIN ? [process.env.APP_ORIGIN] : undefined,
    // Only with the stand-in: Clerk's browser code then reaches it through this app.
    frontendApiProxy: { enabled: Boolean(process.env.CLERK_FAPI_URL) },
  },
);

/** As Dub's script does it, and also where that is blocked. */
function keepClick(request: NextRequest, clickId: string) {
  const response = NextResponse.next();
  response.cookies.set(clickCookie, clickId, { path: '/', maxAge: ninetyDays, sameSite: 'lax', secure: request.nextUrl.protocol === 'https:' });
  // A shared cache must not hand this visitor's click to the next.
  response.headers.set('Cache-Control', 'private, no-store');
  return response;
}

/** No image, script or prefetch can plant a click. */
function isPageOpened(request: NextRequest) {
  const { method, headers } = request;
  const destination = headers.get('sec-fetch-dest');
  const isDocument = destination ? destination === 'document' : headers.get('accept')?.includes('text/html');
  return method === 'GET' && Boolean(isDocument) && !headers.get('sec-purpose')?.includes('prefetch');
}

export const config = {
  matcher: [
    // Everything but Next's own files and static ones.
    '/((?!_next|[^?]*\\.(?:html?|css|js(?!on)|jpe?g|webp|png|gif|svg|ttf|woff2?|ico|csv|docx?|xlsx?|zip|webmanifest)).*)',
    '/(api|trpc)(.*)',
    '/__clerk/(.*)',
  ],
};
