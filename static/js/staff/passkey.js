// A button that makes or uses a passkey: asks the server for a challenge, the device to sign it, then sends its form.
const WAYS = {
  create: (json) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) }),
  get: (json) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) }),
};

export default function passkey(form) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  const button = form.querySelector("button");
  const said = form.querySelector("[role=status]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    button.disabled = true;
    said.textContent = "";
    try {
      const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
      const answer = await fetch(form.dataset.options, { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      const credential = await WAYS[form.dataset.way](await answer.json());
      form.elements.credential.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch {
      // Closed by the person, refused by the device, or no network: all of them can be tried again.
      said.textContent = "That did not work. Try again, or use your password.";
      button.disabled = false;
    }
  });
}
