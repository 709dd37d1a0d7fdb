// What HTML alone cannot do: drafts, one click per form, the page list of an upload, a teacher's keys.
"use strict";

// ----- Drafts: on this device only, until handed in or signed out -----
for (const area of document.querySelectorAll("[data-draft]")) {
  const key = area.dataset.draft;
  const words = document.querySelector("[data-words]");
  const count = () => { if (words) words.textContent = (area.value.match(/\S+/g) || []).length; };
  const saved = read(key);
  if (saved && !area.value) {
    area.value = saved;
    document.querySelector("[data-draft-note]").hidden = false;
  }
  area.addEventListener("input", () => { write(key, area.value); count(); });
  count();
}
for (const note of document.querySelectorAll("[data-forget]")) write(note.dataset.forget, "");
for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", (event) => {
    const drafts = draftKeys();
    if (drafts.some((key) => read(key).trim()) && !window.confirm(form.dataset.signOut)) {
      event.preventDefault();
      return;
    }
    drafts.forEach((key) => write(key, ""));
  });
}

function read(key) { try { return localStorage.getItem(key) || ""; } catch { return ""; } }
function write(key, text) {
  try { text ? localStorage.setItem(key, text) : localStorage.removeItem(key); } catch { /* storage is off */ }
}
function draftKeys() {
  try { return Object.keys(localStorage).filter((key) => key.startsWith("draft:")); } catch { return []; }
}

// ----- One click, one form; the key in it guards the rest -----
for (const form of document.querySelectorAll("[data-once]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit], button:not([type])");
    // After the event: a button disabled inside it would not be sent.
    setTimeout(() => { button.setAttribute("aria-busy", "true"); button.disabled = true; button.textContent = form.dataset.once; });
  });
}
// A page from the back-forward cache would keep its button disabled.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// ----- Files: order, rotation, remove, drop -----
for (const form of document.querySelectorAll("[data-files]")) setUpFiles(form);

function setUpFiles(form) {
  const input = form.querySelector("#files");
  const list = form.querySelector("[data-pages]");
  const template = form.querySelector("[data-page]");
  const problem = form.querySelector("[data-file-problem]");
  const sentences = form.querySelector("[data-too-big]").dataset;
  const drop = form.querySelector(".drop");
  let pages = [];

  const add = (files) => {
    problem.hidden = true;
    for (const file of files) {
      if (file.size > Number(form.dataset.maxBytes)) complain(`${file.name}: ${sentences.tooBig}`);
      else if (pages.length >= Number(form.dataset.maxFiles)) complain(sentences.tooMany);
      else pages.push({ file, rotation: 0, url: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" });
    }
    show();
  };
  const complain = (sentence) => { problem.textContent = sentence; problem.hidden = false; };
  const show = () => {
    const chosen = new DataTransfer();
    list.replaceChildren(...pages.map((page, index) => {
      chosen.items.add(page.file);
      const row = template.content.firstElementChild.cloneNode(true);
      row.querySelector(".page-name").textContent = page.file.name;
      row.querySelector("input").value = page.rotation;
      if (page.url) {
        const image = new Image();
        image.src = page.url;
        image.alt = "";
        image.className = `r${page.rotation}`;
        row.querySelector(".thumb").append(image);
      }
      row.querySelector('[data-do="up"]').disabled = index === 0;
      row.querySelector('[data-do="down"]').disabled = index === pages.length - 1;
      row.querySelector('[data-do="rotate"]').hidden = !page.url;
      row.addEventListener("click", (event) => act(event.target.dataset.do, index));
      return row;
    }));
    input.files = chosen.files;
  };
  const act = (what, index) => {
    const page = pages[index];
    if (what === "up") pages.splice(index - 1, 2, page, pages[index - 1]);
    else if (what === "down") pages.splice(index, 2, pages[index + 1], page);
    else if (what === "rotate") page.rotation = (page.rotation + 90) % 360;
    else if (what === "remove") pages.splice(index, 1);
    else return;
    show();
    const same = list.children[Math.min(pages.length - 1, Math.max(0, index + (what === "up" ? -1 : what === "down" ? 1 : 0)))];
    (same?.querySelector(`[data-do="${what}"]:not(:disabled)`) || input).focus();
  };

  input.addEventListener("change", () => add([...input.files].filter((file) => !pages.some((page) => page.file === file))));
  const camera = form.querySelector("[data-camera]");
  camera.addEventListener("change", () => { add(camera.files); camera.value = ""; });
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.toggle("over", name === "dragover"); });
  }
  drop.addEventListener("drop", (event) => add(event.dataTransfer.files));
}

// ----- A teacher's keys: inside the form of an answer only, and never while typing -----
const review = document.querySelector("[data-review]");
if (review) {
  const criteria = [...review.querySelectorAll("[data-criterion]")];
  const focusOn = (fieldset) => fieldset?.querySelector("input:checked, input[type=radio]")?.focus();
  review.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      review.requestSubmit(review.querySelector("[value=save]"));
    }
    if (event.target.matches("textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = criteria.indexOf(event.target.closest("[data-criterion]"));
    if (/^[1-4]$/.test(event.key) && here >= 0) {
      const level = criteria[here].querySelectorAll("input[type=radio]")[Number(event.key) - 1];
      level.checked = true;
      level.focus();
    } else if (event.key === "j") focusOn(criteria[here + 1]);
    else if (event.key === "k") focusOn(criteria[here - 1]);
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.target.matches("textarea")) return;
    const link = { ArrowRight: "next", ArrowLeft: "prev" }[event.key];
    const target = link && document.querySelector(`[data-key=${link}]`);
    if (target) { event.preventDefault(); target.click(); }
  });
  let typed = false;
  review.addEventListener("input", () => { typed = true; });
  review.addEventListener("submit", () => { typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
}
