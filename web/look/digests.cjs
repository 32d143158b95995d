// Holds the worker to the command line: the same digests, and at least 0.6 of its requests per second.
//   node web/look/digests.cjs FOLDER PROGRAM all|no
// The speed is told always, and held with `all`: two processors that do other work as well say little.
const { execFileSync } = require("node:child_process");
const { serve, open, fail } = require("./browser.cjs");

const [folder, program, all] = process.argv.slice(2);
const EVENTS = 5_000_000;
const LEAST = 0.6;
const quick = ["codingame", "cache-stampede", "queue-backlog"];
const whole = ["backoff", "sinkhole", "hot-shard"];

const listed = () => JSON.parse(execFileSync(program, ["list", "--json"], { encoding: "utf8" })).map(({ name }) => name);

/** What the command line makes of it; a run that a limit ends says so by its exit code. */
function native(name, events) {
  const limit = events ? ["--limit", `events=${events}`] : [];
  const begun = process.hrtime.bigint();
  let text;
  try {
    text = execFileSync(program, ["-q", "run", name, "--format", "json", ...limit], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 28 });
  } catch (error) {
    if (![1, 99].includes(error.status)) throw error;
    text = error.stdout;
  }
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  const results = JSON.parse(text);
  const offered = Object.values(results.traffic).reduce((sum, traffic) => sum + traffic.offered, 0);
  return { digest: results.digest, events: results.engine.events, offered, seconds };
}

async function main() {
  const server = await serve(folder);
  const browser = await open();
  try {
    const page = await browser.newPage();
    // A page of nothing: the worker alone is looked at.
    await page.route("**/empty", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
    await page.goto(`${server.address}empty`);
    await page.evaluate(async () => {
      const packed = await fetch("worker.wasm.gz");
      const bytes = new Response(packed.body.pipeThrough(new DecompressionStream("gzip")), { headers: { "content-type": "application/wasm" } });
      const module = await WebAssembly.compileStreaming(bytes);
      const worker = new Worker("worker.js", { type: "module" });
      const next = () => new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.died ? reject(new Error(data.died)) : resolve(data));
        worker.onerror = (event) => reject(new Error(event.message));
      });
      worker.postMessage(module);
      await next();
      globalThis.record = async (what) => { worker.postMessage(what); return (await next()).recorded; };
    });
    const recorded = async (name, events) => {
      const told = await page.evaluate((what) => globalThis.record(what), events ? `${name} ${events}` : name);
      return told.error ? fail(told.error) : told;
    };
    const wanted = (all === "yes" ? listed() : quick).map((name) => [name, EVENTS]);
    if (all === "yes") wanted.push(...whole.map((name) => [name, 0]));
    // What is compiled as it runs is slow the first time.
    await recorded("backoff", 300_000);
    let [ours, theirs] = [[0, 0], [0, 0]];
    for (const [name, events] of wanted) {
      const [here, there] = [native(name, events), await recorded(name, events)];
      if (here.digest !== there.digest || here.events !== there.events) fail(`${name}: ${JSON.stringify(there)} in the worker, ${JSON.stringify(here)} on the command line`);
      if (events && here.events > 1_000_000) {
        ours = [ours[0] + here.offered, ours[1] + here.seconds];
        theirs = [theirs[0] + there.offered, theirs[1] + there.seconds];
      }
      console.log(`${name.padEnd(32)} ${events ? "first" : "all"} ${there.events.toLocaleString("en")} events: ${there.digest} as on the command line; ${there.seconds.toFixed(1)} s, there ${here.seconds.toFixed(1)} s`);
    }
    const share = (theirs[0] / theirs[1]) / (ours[0] / ours[1]);
    console.log(`the worker simulates ${Math.round(theirs[0] / theirs[1]).toLocaleString("en")} requests a second, the command line ${Math.round(ours[0] / ours[1]).toLocaleString("en")}: ${share.toFixed(2)}`);
    if (all === "yes" && share < LEAST) fail(`the worker has ${share.toFixed(2)} of the command line's speed; at least ${LEAST} is asked for`);
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => { console.error(String(error.stack ?? error)); process.exit(1); });
