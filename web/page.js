// Everything of the browser that the lab needs, and the lab's start. The program calls `page.…`
// (src/lab/platform/web.rs); the host works in a worker of its own, so that pictures and a hidden tab do not stop it.

const KEPT = "surgelab";
/** Kinds of messages that are reports, of the one run and of the other (src/host/wire.rs). */
const REPORTS = [2, 3];
/** A worker that says nothing for so long is lost, milliseconds. */
const SILENCE = 15_000;
const canvas = document.getElementById("surgelab");
const query = new URLSearchParams(location.search);
const embedded = query.has("embed");

// What is told the person outside the lab.

const shell = {
  poster: document.getElementById("poster"),
  words: document.getElementById("words"),
  bar: document.getElementById("bar"),
  strip: document.getElementById("strip"),
};

/** A row of buttons under a text; what each does. */
function show(title, text, buttons = []) {
  document.body.dataset.stands = "failed";
  const paragraph = (content, kind) => Object.assign(document.createElement("p"), { textContent: content, className: kind });
  const row = document.createElement("p");
  for (const [name, does] of buttons) {
    row.append(Object.assign(document.createElement("button"), { textContent: name, onclick: does }));
  }
  shell.words.replaceChildren(paragraph(title, "title"), paragraph(text, ""), row);
  shell.poster.hidden = false;
}

let strip = 0;
/** One line at the foot of the page, for a while. */
function tell(text, buttons = [], seconds = 12) {
  clearTimeout(strip);
  shell.strip.replaceChildren(document.createTextNode(text));
  for (const [name, does] of [...buttons, ["×", () => {}]]) {
    const button = document.createElement("button");
    if (name === "×") button.setAttribute("aria-label", "Close");
    button.textContent = name;
    button.onclick = () => { shell.strip.hidden = true; does(); };
    shell.strip.append(button);
  }
  shell.strip.hidden = false;
  strip = setTimeout(() => { shell.strip.hidden = true; }, seconds * 1000);
}

// What a failure leaves: the last words of the program, and the way on.

let lastWords = "";
const loud = console.error;
console.error = (...words) => { lastWords = words.map(String).join(" "); loud(...words); };

const kept = () => { try { return localStorage.getItem(KEPT); } catch { return null; } };

function failed(title, why) {
  if (document.body.dataset.stands === "failed") return;
  const report = [title, why, lastWords, navigator.userAgent, location.href].filter(Boolean).join("\n\n");
  const again = kept() ? [["Go on with what was kept", () => restart(kept())]] : [];
  show(title, String(why).split("\n")[0].slice(0, 300), [
    ...again,
    ["Start again", () => restart("")],
    ["Copy the details", () => copy(report, "Details copied.")],
  ]);
}

function restart(link) {
  history.replaceState(null, "", `${location.pathname}${location.search}${link ? `#${link}` : ""}`);
  location.reload();
}

window.addEventListener("error", (event) => {
  // The event loop leaves by an exception: that is no failure.
  if (!String(event.message).includes("Using exceptions for control flow")) failed("The lab has failed.", event.message);
});
canvas.addEventListener("webglcontextlost", (event) => {
  event.preventDefault();
  failed("The browser took the graphics away.", "It does so when memory is short or the graphics driver was restarted.");
});

async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    tell(done);
  } catch {
    // Without the right to write to the clipboard the text is shown, to be copied by hand.
    const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, rows: 2 });
    tell("Copy this: ", [], 60);
    shell.strip.insertBefore(field, shell.strip.lastChild);
    field.focus();
    field.select();
  }
}

// Files that were chosen or dropped; they live as long as the page.

const files = new Map();
const chosen = [];

async function take(list) {
  for (const file of list) {
    files.set(file.name, new Uint8Array(await file.arrayBuffer()));
    chosen.push(file.name);
  }
  page.wake?.();
}

window.addEventListener("dragover", (event) => event.preventDefault());
window.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer?.files.length) take(event.dataTransfer.files);
});

/** A link as a file, to be opened like one. */
function open(link) {
  files.set("link", new TextEncoder().encode(link));
  chosen.push("link");
  page.wake?.();
}

const linked = () => (location.hash.startsWith("#s1.") ? location.hash.slice(1) : null);
window.addEventListener("hashchange", () => { if (linked() && linked() !== page.shared) open(linked()); });

function download(name, content) {
  const types = { html: "text/html", png: "image/png" };
  const address = URL.createObjectURL(new Blob([content], { type: types[name.split(".").pop()] ?? "text/plain" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// The host: a worker that compiles the same module whenever one is needed.

let host = null;
let module = null;
let told = [];
let ready = false;
let say = null;

function begin() {
  host = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const mine = host;
  host.onmessage = ({ data }) => {
    if (mine !== host) return;
    asked = 0;
    if (data instanceof ArrayBuffer) hear(data);
    else if (data.died) lost(data.died);
    else if (data.ready) ready = true;
  };
  host.onerror = (event) => { if (mine === host) lost(event.message ?? "the worker could not be started"); };
  const unsent = [];
  // The module comes first, whatever is asked meanwhile.
  say = (buffer) => unsent.push(buffer);
  const begun = (compiled) => {
    if (mine !== host) return;
    say = (buffer) => mine.postMessage(buffer, [buffer]);
    mine.postMessage(compiled);
    unsent.splice(0).forEach(say);
  };
  module.then(begun, (error) => { if (mine === host) lost(String(error)); });
}

// A worker that was ended says nothing: it is asked whether it is there.
let asked = 0;
setInterval(() => {
  if (!ready) return;
  if (asked && performance.now() - asked > SILENCE) return lost("the worker does not answer");
  if (!asked) {
    asked = performance.now();
    host.postMessage("ping");
  }
}, 3_000);

/** Nobody looks at a tab that is hidden: of reports, only the last waits. */
function hear(buffer) {
  const kind = new Uint8Array(buffer, 0, 1)[0];
  if (REPORTS.includes(kind)) told = told.filter((other) => typeof other === "string" || new Uint8Array(other, 0, 1)[0] !== kind);
  told.push(buffer);
  page.wake?.();
}

function lost(why) {
  host?.terminate();
  host = null;
  ready = false;
  asked = 0;
  told.push(String(why));
  page.wake?.();
}

// What the program calls.

const page = {
  /** A message for the host, a copy of it. */
  send(bytes) {
    if (!host) begin();
    say(bytes.slice().buffer);
  },
  /** What the host has told since: buffers in order; a text: it died of that. */
  take() {
    const all = told;
    told = [];
    return all;
  },
  /** The person chooses files. */
  pick() {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: ".ron,.png,.txt" });
    input.onchange = () => take(input.files);
    input.click();
  },
  /** Names of files that were chosen since. */
  chosen: () => chosen.splice(0),
  /** The bytes of one of them. */
  read: (name) => files.get(name),
  /** A text becomes a file of the person's. */
  save: download,
  /** A link is given to the person: it stands in the address, and is copied. */
  share(link) {
    page.shared = link;
    history.replaceState(null, "", `#${link}`);
    const frame = `<iframe src="${location.href.replace(/[?#].*/, "")}?embed#${link}" width="960" height="600" loading="lazy" title="surgelab"></iframe>`;
    copy(location.href, `Copied (${location.href.length} characters): it opens this very run.`).then(() => {
      const button = Object.assign(document.createElement("button"), { textContent: "Copy for a page of yours" });
      button.onclick = () => copy(frame, "Copied: an iframe with this run.");
      shell.strip.insertBefore(button, shell.strip.lastChild);
    });
  },
  shared: null,
  /** What was changed, in case the tab is closed or fails. */
  keep(link) {
    try { localStorage.setItem(KEPT, link); } catch { /* Nothing is kept where nothing may be. */ }
  },
  /** What the address asks for. */
  asked: () => ({
    link: linked() ?? undefined,
    scenario: query.get("scenario") ?? undefined,
    variant: query.get("variant") ?? undefined,
    at: query.get("at") ?? undefined,
    theme: query.get("theme") ?? undefined,
    panels: !(embedded && !query.has("controls")),
    paused: query.get("autoplay") === "0",
    tree: query.has("tree"),
  }),
  /** The lab is on the screen. */
  shown() {
    if (document.body.dataset.stands === "shown") return;
    document.body.dataset.stands = "shown";
    shell.poster.hidden = true;
    canvas.focus();
    const last = kept();
    if (last && !linked() && !embedded) tell("What you changed here last was kept.", [["Open it", () => open(last)]], 20);
  },
  /** What a screen reader is told, where the address asks for it. */
  tree: null,
  /** Set by the program: there is something to hear. */
  wake: null,
};
globalThis.page = page;

// The start.

/** A module that travels packed, as compiled as it comes; `progress` hears the bytes. */
async function fetched(name, progress) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name} cannot be fetched: ${response.status}`);
  const size = Number(response.headers.get("content-length")) || Number(document.body.dataset.lab);
  let come = 0;
  const counted = response.body.pipeThrough(new TransformStream({
    transform(chunk, to) {
      come += chunk.length;
      progress?.(come, size);
      to.enqueue(chunk);
    },
  }));
  // Some servers unpack it themselves.
  const [head, whole] = counted.tee();
  const reader = head.getReader();
  const { value } = await reader.read();
  reader.cancel();
  const packed = value?.[0] === 0x1f && value?.[1] === 0x8b;
  const body = packed ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
  return WebAssembly.compileStreaming(new Response(body, { headers: { "content-type": "application/wasm" } }));
}

const drawable = () => {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
};

/** Several on a page: each waits until it is seen. */
const seen = () => new Promise((yes) => {
  if (!embedded) return yes();
  const watch = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) { watch.disconnect(); yes(); }
  });
  watch.observe(document.getElementById("lab"));
});

async function start() {
  if (!drawable()) {
    return show("This browser cannot draw the lab: it has no WebGL2.", "Try another browser, or switch hardware acceleration on. The command line needs neither.");
  }
  await seen();
  module = fetched("./worker.wasm.gz");
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const progress = (come, size) => {
    shell.bar.max = size || 1;
    shell.bar.value = come;
    shell.bar.nextElementSibling.textContent = size ? `${megabytes(come)} of ${megabytes(size)} MB` : `${megabytes(come)} MB`;
  };
  try {
    const [{ default: run }, compiled] = await Promise.all([import("./surgelab.js"), fetched("./lab.wasm.gz", progress)]);
    await run({ module_or_path: compiled });
  } catch (error) {
    // The event loop leaves by an exception: that is no failure.
    if (!String(error).includes("Using exceptions for control flow")) failed("The lab could not be started.", error);
  }
}

start();
