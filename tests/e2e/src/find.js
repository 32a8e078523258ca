// Finds elements as a screen reader names them: by role and accessible name. Put before every script.
const roles = {
  button: 'button', summary: 'button', textarea: 'textbox', option: 'option', ul: 'list', ol: 'list', li: 'listitem',
  article: 'article', nav: 'navigation', main: 'main', header: 'banner', output: 'status', h1: 'heading',
  h2: 'heading', h3: 'heading', fieldset: 'group', progress: 'progressbar', dialog: 'dialog', table: 'table',
};
const inputs = {
  number: 'spinbutton', range: 'slider', radio: 'radio', checkbox: 'checkbox', search: 'searchbox', button: 'button',
  submit: 'button', reset: 'button', file: 'file',
};
const roleOf = (e) => {
  const said = e.getAttribute('role');
  if (said) return said.trim().split(/\s+/)[0];
  if (e.localName === 'a' || e.localName === 'area') return e.hasAttribute('href') ? 'link' : '';
  if (e.localName === 'input') return inputs[e.type] ?? 'textbox';
  if (e.localName === 'select') return e.multiple || e.size > 1 ? 'listbox' : 'combobox';
  if (e.localName === 'img') return e.getAttribute('alt') === '' ? 'presentation' : 'img';
  if (e.localName === 'section') return e.hasAttribute('aria-label') || e.hasAttribute('aria-labelledby') ? 'region' : '';
  return roles[e.localName] ?? '';
};
const squeeze = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
const textOf = (n) => {
  if (n.nodeType === 3) return n.data;
  if (n.nodeType !== 1 || n.getAttribute('aria-hidden') === 'true' || n.localName === 'style') return '';
  if (n.localName === 'img') return n.alt;
  return (n.getAttribute('aria-label') ?? '') || [...n.childNodes].map(textOf).join(n.localName === 'span' ? '' : ' ');
};
const fromContent = new Set(['button', 'link', 'option', 'heading', 'radio', 'checkbox', 'tab', 'cell', 'menuitem']);
const nameOf = (e) => {
  const by = e.getAttribute('aria-labelledby');
  if (by) return squeeze(by.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean).map(textOf).join(' '));
  if (e.getAttribute('aria-label')) return squeeze(e.getAttribute('aria-label'));
  if (e.labels?.length) return squeeze([...e.labels].map((label) => {
    const copy = label.cloneNode(true);
    copy.querySelectorAll('input,select,textarea,output').forEach((control) => control.remove());
    return textOf(copy);
  }).join(' '));
  if (e.localName === 'img') return squeeze(e.alt);
  if (e.localName === 'fieldset') return squeeze(textOf(e.querySelector('legend') ?? document.createTextNode('')));
  if (fromContent.has(roleOf(e))) { const text = squeeze([...e.childNodes].map(textOf).join(' ')); if (text) return text; }
  return squeeze(e.title || e.placeholder);
};
const isThere = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[aria-hidden=true],[inert]');
// A name of null is any; one that begins with * is a part of it.
const fits = (e, role, name) => roleOf(e) === role && isThere(e)
  && (name === null || (name.startsWith('*') ? nameOf(e).includes(name.slice(1)) : nameOf(e) === name));
const findAll = (path) => path.reduce((scopes, [role, name]) => {
  const found = new Set();
  for (const scope of scopes) for (const e of scope.querySelectorAll('*')) if (fits(e, role, name)) found.add(e);
  return [...found];
}, [document]);
