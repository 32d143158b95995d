// Opens the page in headless Chromium, does what a visitor does, and holds what comes of it to account.
//   node web/look.cjs FOLDER PROGRAM PICTURE.png
const fs = require("node:fs");
const { execFileSync } = require("node:child_process");
const { serve, open, fail } = require("./browser.cjs");

const [folder, program, picture] = process.argv.slice(2);
const cli = (...words) => execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
const told = (page) => page.evaluate(() => globalThis.surgelab.state);
const passed = (what) => console.log(`ok  ${what}`);

/** Waits until what is shown is so. */
async function until(page, what, so, value, timeout = 120_000) {
  const seen = await page.waitForFunction(([so, value]) => {
    const state = globalThis.surgelab?.state;
    return state && new Function("state", "value", `return ${so}`)(state, value) ? state : null;
  }, [so, value], { timeout, polling: 250 }).catch(async () => fail(`it never came to be that ${what}: ${JSON.stringify(await told(page).catch(() => null))}; on the page: ${(await page.innerText("#word").catch(() => "")).slice(0, 300)}`));
  return seen.jsonValue();
}

/** A new page at an address; what it complains of is kept. */
async function visit(browser, address, said, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
  page.on("pageerror", (error) => { if (!String(error).includes("Using exceptions for control flow")) said.push(String(error)); });
  await page.goto(address);
  return page;
}

const key = async (page, keys) => { await page.focus("#surgelab"); await page.keyboard.press(keys); };

async function shades(page, image) {
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += 4) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
    return seen.size;
  }, image.toString("base64"));
}

/** The default incident: drawn, alive, moving. */
async function looks(page) {
  await page.waitForSelector("#title");
  if (!(await page.innerText("#title")).includes("CodinGame")) fail("the page does not say at once what it fetches");
  await until(page, "the default incident runs", "state.title?.includes('CodinGame') && state.now > 0");
  await page.waitForTimeout(4_000);
  const alive = await page.evaluate(() => {
    const canvas = document.getElementById("surgelab");
    const context = canvas.getContext("webgl2");
    return { width: canvas.width, height: canvas.height, alive: Boolean(context) && !context.isContextLost() };
  });
  if (!alive.alive || alive.width < 640 || alive.height < 400) fail(`no living WebGL2 canvas: ${JSON.stringify(alive)}`);
  const first = await page.screenshot();
  await page.waitForTimeout(3_000);
  const second = await page.screenshot({ path: picture });
  const colours = await shades(page, second);
  if (colours < 50) fail(`the picture is flat: ${colours} colours`);
  if (first.equals(second)) fail("pictures do not advance: two of them, three seconds apart, are the same");
  passed(`${alive.width}x${alive.height}, ${colours} colours, pictures advance (${picture})`);
}

/** A scenario by the address, with a moment; then paused, rewound, shared. */
async function shares(browser, address, said) {
  const page = await visit(browser, `${address}?scenario=sinkhole&at=90s`, said);
  const there = await until(page, "it stands at its moment", "state.now === 90 && state.digest && !state.playing");
  const link = cli("link", "sinkhole", "--at", "90s");
  passed(`?scenario=sinkhole&at=90s stands at 90 s, digest ${there.digest}`);
  await key(page, "Control+Alt+c");
  await page.waitForFunction(() => location.hash.startsWith("#s1."), null, { timeout: 30_000 }).catch(() => fail("no link in the address"));
  const shared = await page.evaluate(() => location.href);
  const other = await visit(browser, shared, said);
  const opened = await until(other, "the shared run stands", "state.now === 90 && state.digest && state.notice");
  if (opened.digest !== there.digest) fail(`another digest: ${opened.digest} instead of ${there.digest}`);
  if (!opened.notice.includes("the run that was shared")) fail(`it says: ${opened.notice}`);
  passed(`shared (${shared.length} characters) and opened in a new page: ${opened.notice}`);
  await other.evaluate((hash) => { location.hash = hash; }, link);
  const same = await until(other, "the command line's link is open", "state.now === 90 && state.digest && state.notice");
  if (!same.notice.includes("the run that was shared")) fail(`of the command line's link it says: ${same.notice}`);
  passed("the command line's link opens as the same run");
  await key(page, "Home");
  await until(page, "it is rewound", "state.now === 0");
  await key(page, "Space");
  await until(page, "it plays", "state.now > 0 && state.playing");
  passed("rewound, and playing again");
  await other.context().close();
  return page;
}

/** What is wrong, hostile or dies is told, and the lab goes on. */
async function survives(page) {
  const drop = (name, text) => page.evaluate(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [name, text]);
  await drop("broken.ron", "(version: 1, title: \"Broken\", horizon: \"1h\", services: { \"a\": (workerz: 3) })");
  const broken = await until(page, "its problems are shown", "state.problems > 0");
  passed(`a broken file: ${broken.problems} problems, and ${broken.title} goes on`);
  await drop("mine.ron", fs.readFileSync("scenarios/backoff.ron", "utf8").replace(/title: ".*"/, "title: \"Mine\""));
  await until(page, "a dropped file runs", "state.title === 'Mine' && state.now > 0");
  passed("a dropped file runs");
  for (const [link, words] of [["s1.AAAA", "damaged"], ["s7.AAAA", "form 7"]]) {
    await page.evaluate((hash) => { location.hash = hash; }, link);
    const hostile = await until(page, `the link ${link} is refused`, "state.notice?.includes(value)", words);
    if (hostile.title !== "Mine") fail("a hostile link replaced what runs");
    passed(`${link}: ${hostile.notice}`);
  }
  await page.evaluate(() => surgelab.last.terminate());
  const dead = await until(page, "a worker that was killed is missed", "state.dead", null, 40_000);
  await key(page, "Control+r");
  await until(page, "it runs again", "!state.dead && state.now > 0", null, 60_000);
  passed(`a killed worker: "${dead.notice}"; it runs again`);
}

async function loses(page) {
  await page.evaluate(() => document.getElementById("surgelab").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext());
  await page.waitForSelector("text=taken the picture away", { timeout: 20_000 });
  await page.click("button:has-text('again'), button:has-text('my changes')");
  await until(page, "the page recovers", "state.now >= 0");
  passed("a lost context is told, and the page recovers");
}

async function main() {
  const server = await serve(folder);
  const browser = await open();
  const said = [];
  try {
    const page = await visit(browser, server.address, said);
    await looks(page);
    await page.context().close();
    const other = await shares(browser, server.address, said);
    await survives(other);
    await loses(other);
    const panics = said.filter((line) => /panicked|unreachable|RuntimeError/.test(line));
    if (panics.length) fail(panics.join("\n"));
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => { console.error(String(error.message ?? error)); process.exit(1); });
