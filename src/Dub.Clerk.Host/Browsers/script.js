/*
 * Dub.Clerk's browser script: keeps the click a visitor arrives with in the cookie dub_id, and reports clicks for pages that are reached with ?via=.
 * It understands what Dub's script is told (the data- attributes below) and stores nothing but a click id, or partner data, of the expected shape.
 *
 *   <script defer src="https://your-host/analytics/script.js" data-domains='{"refer":"go.example.com"}'></script>
 */
(() => {
  'use strict';

  const COOKIE = 'dub_id';
  const PARTNER_COOKIE = 'dub_partner_data';
  const DAY = 24 * 60 * 60 * 1000;
  const script = document.currentScript || document.querySelector('script[src*="/analytics/script"]');
  if (!script || window._dubAnalytics) return;

  // --- What the page says ---------------------------------------------------------------------------------------------------------------

  const attribute = (name) => script.getAttribute('data-' + name) || '';

  const json = (text, fallback) => {
    try {
      return JSON.parse(text) || fallback;
    } catch {
      return fallback;
    }
  };

  // The host that serves the script, with /api before /analytics where there is one.
  const ownHost = () => script.src.replace(/\/analytics\/script[^/]*$/, '');
  const apiHost = (attribute('api-host') || ownHost()).replace(/\/+$/, '');
  const domains = { ...json(attribute('domains'), {}) };
  domains.refer = domains.refer || attribute('short-domain') || undefined;
  const cookieOptions = json(attribute('cookie-options'), {});
  const firstClick = attribute('attribution-model') === 'first-click';
  const queryParams = [].concat(json(attribute('query-params'), attribute('query-param') || 'via'));

  const address = new URL(location.href);
  const hostname = address.hostname.replace(/^www\./, '');
  const isClick = (id) => typeof id === 'string' && /^[0-9A-Za-z]{16}$/.test(id);
  const isClickOrTest = (id) => isClick(id) || id === 'test';

  // --- Cookies: each part is checked, because an address or an attribute may hold anything ----------------------------------------------

  const readCookie = (name) => {
    const pair = document.cookie.split('; ').find((text) => text.startsWith(name + '='));
    return pair ? pair.slice(name.length + 1) : null;
  };

  // On a name without dots, and on an address, a cookie with a domain would be dropped.
  const cookieDomain = () => {
    const said = cookieOptions.domain;
    if (typeof said === 'string' && /^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(said)) return said;
    return /\.[a-z][a-z0-9-]*$/i.test(hostname) ? '.' + hostname : '';
  };

  const cookieEnd = () => {
    if (Number.isFinite(cookieOptions.maxAge)) return Date.now() + cookieOptions.maxAge * 1000;
    const said = cookieOptions.expires ? Date.parse(cookieOptions.expires) : NaN;
    if (!Number.isNaN(said)) return said;
    return Date.now() + (Number.isFinite(cookieOptions.expiresInDays) ? cookieOptions.expiresInDays : 90) * DAY;
  };

  const cookieAttributes = () => {
    const { path, sameSite = 'lax', secure } = cookieOptions;
    const domain = cookieDomain();
    const site = sameSite === true ? 'strict' : String(sameSite).toLowerCase();
    return [
      domain && 'domain=' + domain,
      'path=' + (typeof path === 'string' && /^\/[!-:<-~]*$/.test(path) ? path : '/'),
      'expires=' + new Date(cookieEnd()).toUTCString(),
      ['lax', 'strict', 'none'].includes(site) && 'sameSite=' + site[0].toUpperCase() + site.slice(1),
      (secure === true || (secure !== false && location.protocol === 'https:')) && 'secure',
    ].filter(Boolean).join('; ');
  };

  const writeCookie = (name, value) => {
    document.cookie = `${name}=${value}; ${cookieAttributes()}`;
  };

  const keepClick = (id) => {
    if (!isClickOrTest(id) || (firstClick && isClick(readCookie(COOKIE)))) return;
    writeCookie(COOKIE, id);
  };

  // --- Partner data, which Dub's own API answers with -----------------------------------------------------------------------------------

  const analytics = (window.DubAnalytics = window.DubAnalytics || {});
  analytics.partner = analytics.partner || null;
  analytics.discount = analytics.discount || null;

  const readPartner = () => {
    const data = json(readCookie(PARTNER_COOKIE), null);
    if (!data || !data.partner) return false;
    const decode = (text) => (typeof text === 'string' ? decodeURIComponent(text) : text);
    try {
      analytics.partner = { ...data.partner, name: decode(data.partner.name), image: decode(data.partner.image) };
      analytics.discount = data.discount || null;
      return true;
    } catch {
      return false;
    }
  };

  const keepPartner = (data) => {
    const encode = (text) => (typeof text === 'string' ? encodeURIComponent(text) : text);
    const partner = { ...data.partner, name: encode(data.partner.name), image: encode(data.partner.image) };
    // Still JSON: what a cookie cannot hold is spelt as JSON spells it.
    const text = JSON.stringify({ ...data, partner }).replace(/[^!-:<-~]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
    writeCookie(PARTNER_COOKIE, text);
    analytics.partner = data.partner;
    analytics.discount = data.discount || null;
  };

  // --- Calls that the page made before this script was there, and later ones ------------------------------------------------------------

  const queue = {
    waiting: [],
    ready: readPartner(),
    whenReady(callback) {
      if (typeof callback !== 'function') return;
      if (queue.ready) callback();
      else queue.waiting.push(callback);
    },
    becomeReady() {
      queue.ready = true;
      queue.waiting.splice(0).forEach((callback) => callback());
    },
    run([method, ...args]) {
      if (method === 'ready') queue.whenReady(args[0]);
      else if (method === 'trackClick') trackClick(args[0]);
    },
  };

  const post = async (path, body) => {
    try {
      const response = await fetch(apiHost + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        credentials: 'omit',
        body: JSON.stringify({ ...body, referrer: document.referrer }),
      });
      const answer = await response.json();
      if (response.ok) return answer;
      console.error(`[dubAnalytics] ${path}:`, answer.error && answer.error.message);
    } catch (error) {
      console.error(`[dubAnalytics] ${path}:`, error);
    }
    return null;
  };

  const trackClick = async (input) => {
    if (!input || !input.domain || !input.key) {
      console.warn('[dubAnalytics] trackClick needs a domain and a key.');
      return;
    }

    const answer = await post('/track/click', { domain: input.domain, key: input.key, url: location.href });
    if (!answer) return;
    const arrived = address.searchParams.get(COOKIE);
    if (isClick(arrived) && arrived !== answer.clickId) {
      console.warn('[dubAnalytics] The page was opened with another dub_id, which is kept.');
    } else {
      keepClick(answer.clickId);
    }

    if (answer.partner) {
      keepPartner(answer);
      queue.becomeReady();
    }
  };

  // --- What happens when the page opens -------------------------------------------------------------------------------------------------

  const via = queryParams.map((name) => address.searchParams.get(name)).find(Boolean) || null;

  window._dubAnalytics = {
    c: { get: readCookie, set: keepClick, options: cookieOptions },
    qm: queue,
    i: COOKIE,
    h: hostname,
    a: apiHost,
    d: domains.refer,
    v: via,
    n: domains,
    k: attribute('publishable-key') || null,
  };

  const stub = window.dubAnalytics;
  if (stub) {
    const call = (...args) => queue.run(args);
    call.ready = (callback) => queue.run(['ready', callback]);
    call.trackClick = (input) => queue.run(['trackClick', input]);
    call.q = [];
    window.dubAnalytics = call;
    Array.from(stub.q || []).forEach((args) => queue.run(Array.from(args)));
  }

  keepClick(address.searchParams.get(COOKIE));
  if (via && domains.refer) {
    trackClick({ domain: domains.refer, key: via });
  } else if (domains.site && !isClick(readCookie(COOKIE))) {
    post('/track/visit', { domain: domains.site, url: location.href }).then((answer) => answer && keepClick(answer.clickId));
  }
})();
