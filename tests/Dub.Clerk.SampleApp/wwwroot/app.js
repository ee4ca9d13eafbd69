const said = document.getElementById('said');
const { publishableKey, proxyUrl } = await (await fetch('/clerk.json')).json();
const clerkAddress = proxyUrl ?? `https://${atob(publishableKey.split('_')[2]).replace('$', '')}`;

await load('clerk-js@6/dist/clerk.browser.js', { 'data-clerk-publishable-key': publishableKey, ...(proxyUrl && { 'data-clerk-proxy-url': proxyUrl }) });
await load('ui@1/dist/ui.browser.js');
await Clerk.load({ ui: { ClerkUI: window.__internal_ClerkUICtor } });

if (Clerk.user) {
  await tell();
} else {
  said.textContent = 'Create an account.';
  const click = document.cookie.match(/(?:^|; )dub_id=([0-9A-Za-z]{16})(?:;|$)/)?.[1];
  Clerk.mountSignUp(document.getElementById('sign-up'), { unsafeMetadata: click && { dub_id: click }, forceRedirectUrl: '/' });
}

async function tell() {
  const response = await fetch('/me', { method: 'POST' });
  const { state, clickId } = response.status === 200 ? await response.json() : {};
  said.textContent = state === 'Tracked' ? `You came by the click ${clickId}.` : `You are signed in. ${state ?? ''}`;
  if (state === 'Pending') {
    setTimeout(tell, 1000);
  }
}

function load(script, attributes = {}) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src: `${clerkAddress}/npm/@clerk/${script}`, crossOrigin: 'anonymous', onload: resolve, onerror: reject });
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    document.head.append(element);
  });
}
