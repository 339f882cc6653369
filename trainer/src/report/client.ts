/**
 * Runs in the browser, beside a page that says everything without it. It adds buttons that copy commands, sorts the tables of
 * measurements by a click on a heading, filters them, and unfolds the section that a link of the contents leads to.
 */
export const CLIENT_SCRIPT = `
'use strict';
function enhance() {
  for (const code of document.querySelectorAll('code.command:not([data-ready])')) {
    code.dataset.ready = '';
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', 'Copy the command ' + code.textContent);
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = 'Press Ctrl+C';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    });
    code.after(button);
  }
  for (const head of document.querySelectorAll('table.sortable thead th:not([data-ready])')) {
    head.dataset.ready = '';
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => sort(head));
  }
  const tables = document.querySelectorAll('#measurements-rows table.sortable');
  if (tables.length > 0 && document.getElementById('filter') === null) {
    const label = document.createElement('label');
    label.className = 'filter';
    label.append('Show rows with ');
    const input = document.createElement('input');
    input.id = 'filter';
    input.type = 'search';
    input.placeholder = 'faster, Strassen, c-gcc …';
    label.append(input);
    document.getElementById('measurements-rows').prepend(label);
    input.addEventListener('input', () => {
      const wanted = input.value.toLowerCase();
      for (const row of document.querySelectorAll('#measurements-rows tbody tr')) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
      }
    });
  }
}
document.addEventListener('click', (event) => {
  const link = event.target.closest('nav.contents a');
  const fold = link && document.getElementById(link.hash.slice(1))?.closest('details');
  if (fold) fold.open = true;
});
function sort(head) {
  const body = head.closest('table').tBodies[0];
  const column = head.cellIndex;
  const isUp = head.getAttribute('aria-sort') !== 'ascending';
  for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
  const value = (row) => {
    const cell = row.cells[column];
    return cell === undefined ? '' : cell.dataset.sort ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    const [x, y] = [value(a), value(b)];
    const numbers = x !== '' && y !== '' && !isNaN(x) && !isNaN(y);
    return (numbers ? x - y : x.localeCompare(y)) * (isUp ? 1 : -1);
  };
  body.append(...[...body.rows].sort(compare));
}
enhance();
`;
