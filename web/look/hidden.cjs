// A tab that nobody sees: in a window under Xvfb another tab is in front; no pictures are made then, and the run goes on at the
// pace that was asked for. The page tells by itself how it is: a browser that is steered hides no tab.
//   node web/look/hidden.cjs FOLDER
const { spawn, execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { serve, tab, fail } = require("./browser.cjs");

const [folder] = process.argv.slice(2);
/** Seconds behind the other tab, and the share of the asked pace that is kept at least. */
const [HIDDEN_S, LEAST] = [15, 0.9];

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const seconds = (words) => words.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/** A display of its own, and what ends it. */
async function display() {
  const server = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x800x24"], { stdio: ["ignore", "pipe", "ignore"] });
  const number = await new Promise((resolve, reject) => {
    server.stdout.once("data", (data) => resolve(String(data).trim()));
    server.once("error", reject);
    server.once("exit", () => reject(new Error("Xvfb does not start")));
  });
  return { name: `:${number}`, close: () => server.kill() };
}

/** What the page tells of itself, twice a second. */
const SPY = `<script>
  let pictures = 0;
  const count = () => { pictures += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  setInterval(() => {
    const told = { hidden: document.hidden, pictures, stands: document.body.dataset.stands, tree: globalThis.page?.tree };
    fetch("told", { method: "POST", body: JSON.stringify(told) });
  }, 500);
</script>`;

/** Answers the page with the spy in it, and hears what that tells. */
function spied(told) {
  return (request, response) => {
    if (request.method === "POST") {
      let text = "";
      request.on("data", (part) => { text += part; });
      request.on("end", () => { Object.assign(told, JSON.parse(text), { at: Date.now() / 1000 }); response.end(); });
      return true;
    }
    if (request.url.split("?")[0] !== "/") return false;
    response.writeHead(200, { "content-type": "text/html" });
    response.end(fs.readFileSync(path.join(folder, "index.html"), "utf8").replace("</body>", `${SPY}</body>`));
    return true;
  };
}

async function main() {
  const told = {};
  const [server, screen] = [await serve(folder, spied(told)), await display()];
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "surgelab-tab-"));
  const until = async (what, so, ms = 240_000) => {
    const end = Date.now() + ms;
    while (!so()) {
      if (Date.now() > end) fail(`never: ${what}; told last: ${JSON.stringify({ ...told, tree: undefined })}`);
      await wait(100);
    }
  };
  const words = (pattern) => JSON.parse(told.tree ?? "[]").map((node) => pattern.exec(String(node.label ?? node.value ?? ""))).find(Boolean)?.[1];
  const clock = () => { const now = words(/^Time: ([\d:]+) of/); return now && seconds(now); };
  const browser = tab(profile, screen.name, `${server.address}?scenario=codingame&tree`);
  try {
    await until("the lab is shown", () => told.stands === "shown" && !told.hidden && clock() > 5);
    const speed = Number(words(/^Speed asked: ([\d,.]+)×/).replace(",", ""));
    // A second call of the same profile opens a tab in the same window, in front.
    tab(profile, screen.name, "about:blank");
    await until("the tab is hidden", () => told.hidden, 30_000);
    const [from, then] = [clock(), told.at];
    const before = told.pictures;
    await wait(HIDDEN_S * 1000);
    const made = told.pictures - before;
    if (made > 1) fail(`${made} pictures were made of a hidden tab`);
    const keys = ["search", "--onlyvisible", "--class", "chromium", "windowfocus", "key", "--clearmodifiers", "ctrl+w"];
    execFileSync("xdotool", keys, { env: { ...process.env, DISPLAY: screen.name }, stdio: "ignore" });
    // The first picture after that may be one that waited; those that follow tell how far the run has come.
    await until("the tab is seen again", () => !told.hidden && clock() > from + 1, 30_000);
    await wait(1_500);
    const share = (clock() - from) / (told.at - then) / speed;
    console.log(`a hidden tab: ${HIDDEN_S} s, no pictures, ${Math.round(clock() - from)} s of the run: ${(share * 100).toFixed(0)} % of ${speed}×`);
    if (share < LEAST) fail(`a hidden tab keeps ${(share * 100).toFixed(0)} % of its pace; at least ${LEAST * 100} % is asked for`);
  } finally {
    browser.kill();
    server.close();
    screen.close();
    await wait(1_000);
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(() => process.exit(0), (error) => { console.error(String(error.stack ?? error)); process.exit(1); });
