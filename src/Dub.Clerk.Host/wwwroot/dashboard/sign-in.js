// The link on the console carries its code in the fragment, which no server sees. It is sent from here, in a form.
const code = new URLSearchParams(location.hash.slice(1)).get('code');
if (code) {
  history.replaceState(null, '', location.pathname + location.search);
  const form = document.getElementById('link');
  form.elements.code.value = code;
  form.submit();
} else {
  document.getElementById('key').focus();
}
