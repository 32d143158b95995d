// A tab that nobody sees: in a window under Xvfb another tab is in front; no pictures are made then, and the run goes on at the
// pace that was asked for.
//   node web/look/hidden.cjs FOLDER
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { serve, window, fail } = require("./browser.cjs");

const [folder] = process.argv.slice(2);
/** Seconds behind the other tab, and the share of the asked pace that is kept at least. */
const [HIDDEN_S, LEAST] = [15, 0.9];

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

const seconds = (words) => words.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

async function main() {
  const [server, screen] = [await serve(folder), await display()];
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "surgelab-tab-"));
  const browser = await window(profile, screen.name);
  try {
    const page = browser.pages()[0] ?? await browser.newPage();
    // Without this a tab is told that it is seen, whatever is in front of it.
    const session = await browser.newCDPSession(page);
    await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
    await page.goto(`${server.address}?scenario=codingame&tree`);
    await page.waitForFunction(() => document.body.dataset.stands === "shown", null, { timeout: 240_000 });
    const labels = async () => JSON.parse(await page.evaluate(() => globalThis.page.tree) ?? "[]").map((node) => String(node.label ?? ""));
    const find = async (words) => {
      const until = Date.now() + 60_000;
      for (;;) {
        const found = (await labels()).map((label) => words.exec(label)).find(Boolean);
        if (found) return found[1];
        if (Date.now() > until) fail(`there is no ${words}`);
        await page.waitForTimeout(100);
      }
    };
    const speed = Number((await find(/^Speed asked: ([\d,.]+)×/)).replace(",", ""));
    const clock = async () => [seconds(await find(/^Time: ([\d:]+) of/)), Date.now() / 1000];
    await page.evaluate(() => {
      globalThis.pictures = 0;
      const count = () => { globalThis.pictures += 1; requestAnimationFrame(count); };
      requestAnimationFrame(count);
    });
    await page.waitForTimeout(2_000);
    const other = await browser.newPage();
    await other.goto("about:blank");
    await other.bringToFront();
    await page.waitForFunction(() => document.hidden, null, { polling: 100, timeout: 10_000 }).catch(() => fail("the tab is not hidden"));
    const [from, then] = await clock();
    const before = await page.evaluate(() => globalThis.pictures);
    await other.waitForTimeout(HIDDEN_S * 1000);
    const made = await page.evaluate(() => globalThis.pictures) - before;
    if (made > 1) fail(`${made} pictures were made of a hidden tab`);
    await other.close();
    await page.bringToFront();
    await page.waitForFunction(() => !document.hidden, null, { polling: 50, timeout: 10_000 });
    // The first picture after that tells how far the run has come.
    let to = from;
    while (to === from) [to] = await clock();
    const share = (to - from) / (Date.now() / 1000 - then) / speed;
    console.log(`a hidden tab: ${HIDDEN_S} s, no pictures, ${Math.round(to - from)} s of the run: ${(share * 100).toFixed(0)} % of ${speed}×`);
    if (share < LEAST) fail(`a hidden tab keeps ${(share * 100).toFixed(0)} % of its pace; at least ${LEAST * 100} % is asked for`);
  } finally {
    await browser.close();
    server.close();
    screen.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

main().catch((error) => { console.error(String(error.stack ?? error)); process.exit(1); });
