import { Show } from '@clerk/nextjs';
import Link from 'next/link';
import { Arrival } from '@/components/arrival';

export default function Home() {
  return (
    <>
      <section className="hero">
        <h1>Notes that know where you came from.</h1>
        <p className="lead">
          A small app with Clerk and Dub.Clerk in it. Follow a short link to this page, sign up, and see the link credited: once, and on the
          server’s word.
        </p>
        <p className="actions">
          <Show when="signed-out">
            <Link href="/sign-up" className="button">
              Create an account
            </Link>
            <Link href="/sign-in" className="button secondary">
              I have one
            </Link>
          </Show>
          <Show when="signed-in">
            <Link href="/welcome" className="button">
              See who brought you
            </Link>
          </Show>
        </p>
        <Arrival />
      </section>
      <ol className="steps">
        <li>
          <h2>The click</h2>
          <p>The link’s click arrives in the address. This app’s server keeps it in a first-party cookie, also when scripts are blocked.</p>
        </li>
        <li>
          <h2>The sign-up</h2>
          <p>Clerk takes the click along. Its signed webhook and your verified session meet on the server, in either order.</p>
        </li>
        <li>
          <h2>The lead</h2>
          <p>One sign-up is one lead, whatever is repeated. You can see which link got it, or why none did.</p>
        </li>
      </ol>
    </>
  );
}
