// A folder on loopback and a headless Chromium that looks at it.
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");
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

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Chromium with WebGL2 in software. */
const open = (more = {}) => chromium.launch({ executablePath, args, ...more });

/** The same as a window with tabs on a display, with a profile of its own. */
const window = (profile, display) => chromium.launchPersistentContext(profile, {
  executablePath,
  args,
  headless: false,
  viewport: null,
  // Playwright would have hidden tabs go on as if they were seen.
  ignoreDefaultArgs: ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"],
  env: { ...process.env, DISPLAY: display },
});

const fail = (why) => { throw new Error(why); };

module.exports = { serve, open, window, fail };
