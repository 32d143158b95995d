// A host behind messages. The first message is the compiled module; then buffers in, buffers out, and a text asks for a
// recording. What fails is told as { died } before the worker closes: its page begins another.
import start from "./surgelab-worker.js";

const early = [];
let timer = 0;
let waiting = false;
// A message to itself: the shortest way to let those of the page in between.
const { port1: again, port2: self_ } = new MessageChannel();

const died = (error) => {
  self.postMessage({ died: String(self.panicked ?? error) });
  self.close();
};
const guarded = (work) => (event) => { try { work(event); } catch (error) { died(error); } };

const turn = guarded(() => {
  waiting = false;
  clearTimeout(timer);
  const [told, wait] = self.turn();
  if (self.panicked) throw new Error(self.panicked);
  for (const buffer of told) self.postMessage(buffer, [buffer]);
  if (wait === 0) soon();
  else if (wait > 0) timer = setTimeout(soon, wait);
});
const soon = () => {
  if (waiting) return;
  waiting = true;
  self_.postMessage(0);
};
again.onmessage = turn;

const receive = guarded(({ data }) => {
  if (data === "ping") return self.postMessage({ pong: true });
  if (typeof data === "string") return self.postMessage({ recorded: JSON.parse(self.record(data)) });
  self.receive(data);
  soon();
});

self.onmessage = async ({ data }) => {
  self.onmessage = (event) => early.push(event);
  try {
    await start({ module_or_path: data });
    self.onmessage = receive;
    self.postMessage({ ready: true });
    early.forEach(receive);
  } catch (error) { died(error); }
};
