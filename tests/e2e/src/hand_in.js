// Drops or pastes files (arguments[1]: names and bytes) where a person would, with a text (arguments[2]) where there is one;
// gives whether the app took them. Synthetic: drivers can drop nothing from outside the page.
const [way, files, text] = arguments;
const carried = new DataTransfer();
if (text) carried.setData('text/plain', text);
for (const [name, bytes] of files) carried.items.add(new File([new Uint8Array(bytes)], name));
const target = document.activeElement ?? document.body;
const common = { bubbles: true, cancelable: true };
if (way === 'drop') target.dispatchEvent(new DragEvent('dragover', { ...common, dataTransfer: carried }));
const event = way === 'drop'
  ? new DragEvent('drop', { ...common, dataTransfer: carried })
  : new ClipboardEvent('paste', { ...common, clipboardData: carried });
// Firefox makes no such event with files in it.
if (way === 'paste' && event.clipboardData !== carried) Object.defineProperty(event, 'clipboardData', { value: carried });
return !target.dispatchEvent(event);
