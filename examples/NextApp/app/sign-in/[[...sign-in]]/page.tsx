import type { Metadata } from 'next';
import { SignInForm } from '@/components/sign-forms';

export const metadata: Metadata = { title: 'Sign in' };

export default function SignInPage() {
  return (
    <div className="centred">
      <SignInForm />
    </div>
  );
}
