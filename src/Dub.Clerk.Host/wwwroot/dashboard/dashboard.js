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

// Whose days a chart shows until somebody chooses.
window.dubClerk = { timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC' };

// A chart is read out from its own table, without asking the host.
document.addEventListener('input', (event) => {
  const chart = event.target.closest('[data-chart]');
  if (chart) readOut(chart, Number(event.target.value));
});
for (const moved of ['pointermove', 'pointerdown']) {
  document.addEventListener(moved, (event) => {
    const plot = event.target.closest('.plot');
    if (!plot) return;
    const chart = plot.closest('[data-chart]');
    const box = plot.getBoundingClientRect();
    const last = chart.querySelector('tbody').rows.length - 1;
    readOut(chart, Math.max(0, Math.min(last, Math.floor((event.clientX - box.left) / box.width * (last + 1)))));
  });
}

function readOut(chart, at) {
  const names = [...chart.querySelectorAll('thead th')].map((cell) => cell.textContent);
  const values = [...chart.querySelector('tbody').rows[at].cells].map((cell) => cell.textContent);
  const slider = chart.querySelector('input[type=range]');
  slider.value = at;
  slider.setAttribute('aria-valuetext', values.map((value, i) => i ? `${names[i]} ${value}` : value).join(', '));
  chart.querySelectorAll('.reading b').forEach((place, i) => { place.textContent = values[i]; });
  chart.querySelectorAll('.at').forEach((band) => band.setAttribute('x', band.getAttribute('width') * at));
}

// A host that was restarted knows none of the pages that were open.
document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', (event) => {
  if (event.detail.state === 'rejected') location.reload();
});
