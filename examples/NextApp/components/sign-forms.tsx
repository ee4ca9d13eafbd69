'use client';

import { SignIn, SignUp } from '@clerk/nextjs';
import { useClickId } from '@/lib/use-click-id';

/** The click travels with the sign-up, so that Clerk's webhook brings it even if this tab is closed the moment after. */
function useClickMetadata() {
  const clickId = useClickId();
  return clickId ? { dub_id: clickId } : undefined;
}

export function SignUpForm() {
  return <SignUp unsafeMetadata={useClickMetadata()} />;
}

/** Here too: signing in with another service's account may turn into signing up. */
export function SignInForm() {
  return <SignIn unsafeMetadata={useClickMetadata()} />;
}
