// Uses the page as a visitor would, in headless Chromium, by mouse, keys and fingers; what is on the window is read off the
// accessibility tree that the lab tells.
//   node web/look/journey.cjs FOLDER PICTURES
const fs = require("node:fs");
const path = require("node:path");
const { serve, open, fail } = require("./browser.cjs");

const [folder, pictures] = process.argv.slice(2);

/** A page with the lab, and what can be done there. */
class Visit {
  constructor(page) {
    this.page = page;
    this.said = [];
    page.on("console", (message) => { if (message.type() === "error") this.said.push(message.text()); });
    page.on("pageerror", (error) => { if (!String(error).includes("Using exceptions for control flow")) this.said.push(String(error)); });
  }

  async go(address) {
    const query = address.includes("?") ? "&tree" : "?tree";
    const [before, hash] = address.split("#");
    await this.page.goto(`${before}${query}${hash ? `#${hash}` : ""}`);
    await this.page.waitForFunction(() => document.body.dataset.stands === "shown", null, { timeout: 240_000 })
      .catch(() => fail(`the lab never came up; the page said: ${this.said.join(" | ") || "nothing"}`));
    await this.find(/./);
  }

  /** Every node: role, label, value, bounds. */
  async tree() {
    const text = await this.page.evaluate(() => globalThis.page.tree);
    return text ? JSON.parse(text) : [];
  }

  /** The first node that is called so, once there is one. */
  async find(words, seconds = 60) {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const found = (await this.tree()).find((node) => words.test(node.label ?? "") || words.test(String(node.value ?? "")));
      if (found) return found;
      if (Date.now() > until) {
        await this.picture("failed");
        const there = (await this.tree()).map((node) => node.label ?? node.value).filter(Boolean).slice(0, 80);
        fail(`there is no ${words}; there is: ${there.join(" | ")}; the page said: ${this.said.join(" | ") || "nothing"}`);
      }
      await this.page.waitForTimeout(200);
    }
  }

  async none(words, seconds = 60) {
    const until = Date.now() + seconds * 1000;
    while ((await this.tree()).some((node) => words.test(node.label ?? "") || words.test(String(node.value ?? "")))) {
      if (Date.now() > until) fail(`${words} does not go`);
      await this.page.waitForTimeout(200);
    }
  }

  middle(node) {
    const [left, top, right, bottom] = node.bounds ?? fail(`${JSON.stringify(node)} is nowhere`);
    return [(left + right) / 2, (top + bottom) / 2];
  }

  async click(words) {
    await this.page.mouse.click(...this.middle(await this.find(words)));
  }

  async key(...keys) {
    for (const key of keys) await this.page.keyboard.press(key, { delay: 60 });
  }

  /** Held as long as a slow picture takes. */
  async chord(held, key) {
    await this.page.keyboard.down(held);
    await this.page.waitForTimeout(500);
    await this.page.keyboard.press(key, { delay: 200 });
    await this.page.waitForTimeout(300);
    await this.page.keyboard.up(held);
  }

  async picture(name) {
    return this.page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }

  /** The canvas draws, and not the same for ever. */
  async moves() {
    const shades = async (bytes) => this.page.evaluate(async (base64) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, image.width, image.height).data;
      const seen = new Set();
      for (let i = 0; i < pixels.length; i += 4) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
      return seen.size;
    }, bytes.toString("base64"));
    const first = await this.page.screenshot();
    await this.page.waitForTimeout(2_500);
    const second = await this.page.screenshot();
    if (first.equals(second)) fail("pictures do not advance");
    const seen = await shades(second);
    if (seen < 50) fail(`the picture is flat: ${seen} colours`);
    const alive = await this.page.evaluate(() => !document.getElementById("surgelab").getContext("webgl2").isContextLost());
    if (!alive) fail("the context is lost");
  }

  /** Nothing failed that nobody was told of. */
  quiet() {
    if (this.said.length) fail(`the console said: ${this.said.join(" | ")}`);
  }
}

const steps = [];
const step = (name, does) => steps.push([name, does]);

step("the default incident runs", async ({ visit, address }) => {
  const lab = await visit();
  await lab.go(address);
  await lab.find(/CodinGame/);
  await lab.moves();
  await lab.picture("first");
  lab.quiet();
});

step("by hand", async ({ visit, address }) => {
  // So high that nothing of the inspector is hidden.
  const lab = await visit({ viewport: { width: 900, height: 1500 } });
  await lab.go(`${address}?scenario=queue-backlog`);
  await lab.find(/Queue backlog/);
  // Another scenario through the gallery.
  await lab.key("g");
  await lab.page.waitForFunction(() => globalThis.page.tree?.includes('"role":"TextInput"'), null, { timeout: 60_000 });
  await lab.page.keyboard.type("sinkhole", { delay: 40 });
  await lab.picture("gallery");
  await lab.key("Enter");
  await lab.find(/^Scenario: .*sinkhole/);
  await lab.key("Space");
  await lab.find(/^Play$/);
  // A value is typed over: B is the run that begins with it, and undone there is no B.
  await lab.click(/^server\/0, /);
  await lab.click(/^services\.server\.workers: /);
  await lab.find(/^From the start$/);
  await lab.page.waitForTimeout(1_500);
  await lab.page.keyboard.type("12", { delay: 40 });
  await lab.key("Enter");
  await lab.find(/^services\.server\.workers: 12/);
  await lab.find(/^Discard B$/);
  await lab.picture("edited");
  await lab.key("Escape");
  await lab.chord("Control", "z");
  await lab.find(/of 20 workers/);
  await lab.picture("undone");
  // Shared: who opens the link sees the same run.
  await lab.key("Home");
  await lab.page.waitForTimeout(1_500);
  await lab.click(/^Share$/);
  await lab.page.waitForFunction(() => location.hash.startsWith("#s1."), null, { timeout: 30_000 });
  const link = lab.page.url();
  lab.quiet();
  const other = await visit();
  await other.go(link.replace("?tree", ""));
  await other.find(/run that was shared, event by event/);
  await other.picture("shared");
  other.quiet();
});

step("what is wrong is shown", async ({ visit, address }) => {
  const lab = await visit();
  await lab.go(`${address}?scenario=sinkhole`);
  const drop = (name, text) => lab.page.evaluate(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [name, text]);
  await drop("broken.ron", "(version: 1, title: \"Broken\", horizon: \"1min\", machines: { \"box\": (cores: 0) })");
  await lab.find(/cores/);
  await lab.picture("broken");
  await drop("sound.ron", "(version: 1, title: \"Sound\", horizon: \"1min\", machines: { \"box\": () }, services: { \"app\": (on: [\"box\"], operations: { \"page\": [Delay(\"5ms\")] }) }, traffic: { \"crowd\": Open(rate: Constant(\"5/s\"), call: \"app.page\") })");
  await lab.find(/^Scenario: Sound/);
  // Links from strangers, spoiled or bottomless.
  for (const hostile of ["s1.", "s1.AAAA", `s1.${"A".repeat(200_000)}`, "s9.AAAA"]) {
    await lab.page.evaluate((hash) => { location.hash = hash; }, hostile);
    await lab.page.waitForTimeout(400);
  }
  await lab.find(/^Scenario: Sound/);
  lab.quiet();
});

step("what fails has a way on", async ({ visit, address }) => {
  const lab = await visit();
  await lab.go(`${address}?scenario=sinkhole`);
  await lab.find(/^Scenario: /);
  const [worker] = lab.page.workers();
  await worker.evaluate(() => self.close());
  await lab.find(/Restart/, 90);
  await lab.picture("worker-lost");
  await lab.click(/^Restart from 0:00/);
  await lab.none(/Restart from/);
  await lab.moves();
  await lab.page.evaluate(() => document.getElementById("surgelab").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext());
  await lab.page.getByText("The browser took the graphics away.").waitFor({ timeout: 20_000 });
  await lab.picture("context-lost");
  await lab.page.getByRole("button", { name: "Start again" }).click();
  await lab.page.waitForFunction(() => document.body.dataset.stands === "shown", null, { timeout: 120_000 });
  await lab.find(/^Scenario: /);
});

step("in a hand", async ({ visit, address }) => {
  const lab = await visit({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await lab.go(`${address}?scenario=retry-storm`);
  await lab.find(/^Scenario: /);
  const touch = await lab.page.context().newCDPSession(lab.page);
  const fingers = (type, ...points) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  const server = async () => lab.middle(await lab.find(/^db\/0, /));
  // Pan: a finger takes the canvas along.
  const before = await server();
  await fingers("touchStart", [120, 560]);
  for (let by = 0; by <= 40; by += 8) {
    await fingers("touchMove", [120 + by, 560]);
    await lab.page.waitForTimeout(120);
  }
  await fingers("touchEnd");
  await lab.page.waitForTimeout(600);
  const panned = await server();
  if (Math.abs(panned[0] - before[0]) < 20) fail(`a finger does not take the canvas along: ${before} to ${panned}`);
  // Pinch: two fingers apart make it larger.
  const size = async () => { const { bounds } = await lab.find(/^db\/0, /); return bounds[2] - bounds[0]; };
  const small = await size();
  await fingers("touchStart", [230, 470], [260, 470]);
  for (let by = 0; by <= 24; by += 4) {
    await fingers("touchMove", [230 - by, 470], [260 + by, 470]);
    await lab.page.waitForTimeout(120);
  }
  await fingers("touchEnd");
  await lab.page.waitForTimeout(600);
  if ((await size()) < small * 1.2) fail("two fingers do not make it larger");
  await lab.page.touchscreen.tap(...lab.middle(await lab.find(/^Fit$/)));
  await lab.page.waitForTimeout(1_500);
  await lab.page.touchscreen.tap(...(await server()));
  await lab.find(/^workers$|workers/);
  await lab.picture("phone");
  for (const node of (await lab.tree()).filter(({ role, bounds }) => role === "Button" && bounds && bounds[3] <= 48)) {
    const [left, top, right, bottom] = node.bounds;
    if (bottom - top < 44 || right - left < 44) fail(`${node.label} is ${right - left} by ${bottom - top} pixels`);
  }
  lab.quiet();
});

async function main() {
  const server = await serve(folder);
  const browser = await open();
  const began = Date.now();
  const pages = [];
  const visit = async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    pages.push(context);
    return new Visit(page);
  };
  try {
    fs.mkdirSync(pictures, { recursive: true });
    const wanted = process.env.STEP;
    for (const [name, does] of steps.filter(([name]) => !wanted || name.includes(wanted))) {
      const from = Date.now();
      await does({ visit, address: server.address, browser }).catch((error) => fail(`${name}: ${error.message}`));
      console.log(`${name}: ${((Date.now() - from) / 1000).toFixed(1)} s`);
      for (const context of pages.splice(0)) await context.close();
    }
    console.log(`the page did all that was asked of it in ${((Date.now() - began) / 1000).toFixed(0)} s (${pictures})`);
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => { console.error(String(error.message ?? error)); process.exit(1); });
