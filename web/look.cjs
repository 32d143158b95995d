// Serves a folder, opens it in headless Chromium and holds the first pictures of the lab to account.
//   node web/look.cjs FOLDER PICTURE.png
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const [folder, picture] = process.argv.slice(2);
const kinds = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const server = http.createServer((request, response) => {
  const name = request.url === "/" ? "index.html" : path.basename(request.url.split("?")[0]);
  const file = path.join(folder, name);
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": kinds[path.extname(file)] ?? "application/octet-stream" });
  fs.createReadStream(file).pipe(response);
});

const fail = (why) => { throw new Error(why); };

async function main() {
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-quic",
      "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const said = [];
    page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
    page.on("pageerror", (error) => { if (!String(error).includes("Using exceptions for control flow")) said.push(String(error)); });
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    // The canvas is called after the scenario as soon as the lab runs it.
    const called = () => document.getElementById("surgelab").getAttribute("alt") ?? "";
    await page.waitForFunction(() => (document.getElementById("surgelab").getAttribute("alt") ?? "").includes("CodinGame"), null, { timeout: 180_000 })
      .catch(() => fail(`the lab never opened the default incident; the page said: ${said.join(" | ") || "nothing"}`));
    await page.waitForTimeout(8_000);
    const alive = await page.evaluate(() => {
      const canvas = document.getElementById("surgelab");
      const context = canvas.getContext("webgl2");
      return { width: canvas.width, height: canvas.height, alive: Boolean(context) && !context.isContextLost() };
    });
    if (!alive.alive || alive.width < 640 || alive.height < 400) fail(`no living WebGL2 canvas: ${JSON.stringify(alive)}`);
    const first = await page.screenshot();
    await page.waitForTimeout(3_000);
    const second = await page.screenshot({ path: picture });
    const shades = await page.evaluate(async (base64) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, image.width, image.height).data;
      const seen = new Set();
      for (let i = 0; i < pixels.length; i += 4) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
      return seen.size;
    }, second.toString("base64"));
    if (shades < 50) fail(`the picture is flat: ${shades} colours`);
    if (first.equals(second)) fail("pictures do not advance: two of them, three seconds apart, are the same");
    const panics = said.filter((line) => /panicked|unreachable|RuntimeError/.test(line));
    if (panics.length) fail(panics.join("\n"));
    console.log(`${await page.evaluate(called)}: ${alive.width}x${alive.height}, ${shades} colours, pictures advance (${picture})`);
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => { console.error(String(error.message ?? error)); process.exit(1); });
