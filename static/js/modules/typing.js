// Says with the form how many whole seconds its text took to type. Silent where any of it came at once: pasted, dictated, a draft.
const AT_ONCE = 20; // characters

export default function typing(form) {
  let since, length = 0, typed = true;
  form.addEventListener("input", ({ target }) => {
    if (target.type !== "textarea") return;
    since ??= performance.now();
    typed &&= target.value.length - length < AT_ONCE;
    length = target.value.length;
  });
  form.addEventListener("formdata", ({ formData }) => {
    if (since && typed) formData.set("seconds", Math.floor((performance.now() - since) / 1000));
  });
}
