// A folder on loopback and a headless Chromium that looks at it.
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");
const { spawn } = require("node:child_process");
const { chromium } = require("playwright-core");

const kinds = { ".html": "text/html", ".js": "text/javascript", ".png": "image/png", ".gz": "application/gzip" };

/** Serves a folder; the address of its page. */
async function serve(folder) {
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url.split("?")[0]);
    const file = path.join(folder, path.normalize(name.endsWith("/") ? `${name}index.html` : name));
    if (!file.startsWith(path.normalize(folder)) || !fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": kinds[path.extname(file)] ?? "application/octet-stream" });
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** Chromium with WebGL2 in software. */
const open = (more = {}) => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...more,
});

/** The same in a window of its own, on a screen that nobody sees; what closes both. */
async function windowed() {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const number = await new Promise((resolve, reject) => {
    screen.stdio[3].once("data", (data) => resolve(String(data).trim()));
    screen.once("error", reject);
    screen.once("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  const browser = await open({ headless: false, env: { ...process.env, DISPLAY: `:${number}` } });
  return { browser, close: async () => { await browser.close(); screen.kill(); } };
}

const fail = (why) => { throw new Error(why); };

module.exports = { serve, open, windowed, fail };
