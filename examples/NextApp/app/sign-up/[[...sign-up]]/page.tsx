import type { Metadata } from 'next';
import { SignUpForm } from '@/components/sign-forms';

export const metadata: Metadata = { title: 'Sign up' };

export default function SignUpPage() {
  return (
    <div className="centred">
      <SignUpForm />
    </div>
  );
}
