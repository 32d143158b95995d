// A folder on loopback and a headless Chromium that looks at it.
const http = require("node:http");
const fs = require("node:fs");
const path = require("node:path");
const { spawn } = require("node:child_process");
const { chromium } = require("playwright-core");

const kinds = { ".html": "text/html", ".js": "text/javascript", ".png": "image/png", ".gz": "application/gzip" };

/** Serves a folder, but for what `answers` answers itself; the address of its page. */
async function serve(folder, answers = () => false) {
  const server = http.createServer((request, response) => {
    if (answers(request, response)) return;
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

/** A window of Chromium on a display, with tabs, and nobody who steers it: a steered tab believes that it is seen. */
const tab = (profile, display, address) => spawn(executablePath, [...args, "--password-store=basic", `--user-data-dir=${profile}`, address], {
  stdio: "ignore",
  env: { ...process.env, DISPLAY: display },
});

const fail = (why) => { throw new Error(why); };

module.exports = { serve, open, tab, fail };
