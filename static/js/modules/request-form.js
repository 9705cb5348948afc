// The request form: kept on the device while it is written, sent once, and honest about a network that is gone.
import { keep, known } from "./request-draft.js";
import submissionId from "./submission-id.js";

const PATIENCE = 8000; // ms until a network that does not answer counts as gone
const AGAIN = 15000; // ms between looks for it, since browsers notice late that it is back

async function reachable() {
  const patience = new AbortController(); // AbortSignal.timeout is missing on older phones
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    await fetch("/healthz", { cache: "no-store", signal: patience.signal });
    return true; // whatever the answer is: the page that the form leads to says more
  } catch { return false; } finally { clearTimeout(timer); }
}

export default function requestForm(form) {
  const [offline, waiting] = form.querySelectorAll(".offline");
  const button = form.querySelector("[type=submit]");
  const label = button.textContent;
  const action = form.getAttribute("action");
  const { noteSent, renew } = submissionId(form, known);
  const keepSent = keep(form, form.querySelector(".draft-back"), renew);
  let busy = false, wanted = false, timer;

  const show = (box) => { offline.hidden = box !== offline; waiting.hidden = box !== waiting; };
  const rest = () => { busy = false; button.textContent = label; button.removeAttribute("aria-disabled"); };
  const send = async () => {
    if (busy) return;
    busy = wanted = true;
    button.textContent = "Sending …";
    button.setAttribute("aria-disabled", "true");
    const answers = await reachable();
    // "Do not send it" may have been pressed while the network was asked.
    if (!wanted) return rest();
    if (answers) {
      stop();
      show();
      noteSent();
      keepSent();
      // Without a fragment the page that a browser shows when this fails takes the form's place in the history: "back" would miss it.
      form.setAttribute("action", `${action}#sent`);
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    rest();
    if (!timer) show(offline);
  };
  const stop = () => { clearInterval(timer); timer = undefined; removeEventListener("online", send); };

  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  offline.querySelector("button").addEventListener("click", () => {
    show(waiting);
    waiting.querySelector("button").focus();
    timer = setInterval(send, AGAIN);
    addEventListener("online", send);
    send();
  });
  waiting.querySelector("button").addEventListener("click", () => { wanted = false; stop(); show(); button.focus(); });
  addEventListener("pageshow", (event) => { if (event.persisted) rest(); });
}
