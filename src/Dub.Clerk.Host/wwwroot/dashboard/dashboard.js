// What a page on the server cannot do: keys, and the clipboard.
const isTyping = (element) => element.isContentEditable || element.matches('textarea, select, input:not([type=checkbox], [type=radio])');

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  const control = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (control) {
    event.preventDefault();
    control.click();
  }
});

// A fragment alone would lead to the root, which is what addresses here are relative to.
document.addEventListener('click', (event) => {
  if (!event.target.matches('.skip')) return;
  event.preventDefault();
  document.getElementById('content').focus();
}, { capture: true });

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  await copy(button.dataset.copy);
  const label = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = label; }, 1500);
});

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }

  // Over plain HTTP browsers have no clipboard for us.
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

// A host that was restarted knows none of the pages that were open.
document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', (event) => {
  if (event.detail.state === 'rejected') location.reload();
});
