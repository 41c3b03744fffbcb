// What the console does in the browser beyond htmx: keys, copying, choosing many, dialogs. No page needs it to be read.
"use strict";
(() => {
  const told = document.getElementById("told");
  let silence = 0;
  const tell = (text) => {
    told.textContent = text;
    told.classList.add("shown");
    clearTimeout(silence);
    silence = setTimeout(() => told.classList.remove("shown"), 4000);
  };

  const typing = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select") !== null;
  let waitsForPage = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (waitsForPage && Date.now() - waitsForPage < 1500) {
      waitsForPage = 0;
      const link = document.querySelector(`nav.pages a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); return; }
    }
    if (event.key === "g") { waitsForPage = Date.now(); }
    else if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); if (search.select) search.select(); }
    } else if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (keys) { event.preventDefault(); keys.showModal(); }
    }
  });

  // Where the clipboard is not to be had (no TLS), the old way still works.
  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) { await navigator.clipboard.writeText(text); return; }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };

  document.addEventListener("click", async (event) => {
    const copied = event.target.closest("[data-copy]");
    if (copied) { await copy(copied.dataset.copy); tell(told.dataset.copied); return; }
    const copies = event.target.closest("[data-copies]");
    if (copies) { await copy(document.getElementById(copies.dataset.copies).textContent); tell(told.dataset.copied); return; }
    const opener = event.target.closest("[data-opens]");
    if (opener) { document.getElementById(opener.dataset.opens).showModal(); return; }
    const closer = event.target.closest("[data-closes]");
    if (closer) { event.preventDefault(); closer.closest("dialog").close(); return; }
    const filler = event.target.closest("[data-fills]");
    if (filler) { const field = document.getElementById(filler.dataset.fills); field.value = filler.textContent.trim(); field.focus(); }
  });

  // A list of which many may be chosen: the box in its head is for all, and the buttons wake up with the first.
  const choices = (list) => list.querySelectorAll("input[name=id]");
  const count = (list) => {
    const boxes = [...choices(list)], chosen = boxes.filter((box) => box.checked).length;
    const all = list.querySelector("[data-all]");
    if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
    list.querySelectorAll("[data-needs-choice]").forEach((button) => { button.disabled = chosen === 0; });
    list.querySelectorAll("[data-count]").forEach((place) => { place.textContent = String(chosen); });
  };
  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-choices]");
    if (!list) return;
    if (event.target.matches("[data-all]")) choices(list).forEach((box) => { box.checked = event.target.checked; });
    count(list);
  });
  const begin = (root) => root.querySelectorAll("[data-choices]").forEach(count);
  begin(document);

  document.addEventListener("htmx:afterSwap", (event) => {
    begin(document);
    const dialog = document.getElementById("dialog");
    if (event.detail.target === dialog && !dialog.open) dialog.showModal();
  });
  // What is wrong with a form is said in it, where somebody looks.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const place = document.querySelector("dialog[open] [data-problem]");
    if (event.detail.xhr.status >= 400 && place) { event.detail.target = place; event.detail.shouldSwap = true; }
  });
  document.addEventListener("htmx:sendError", () => tell(told.dataset.unreached));
  document.addEventListener("acted", () => { const dialog = document.getElementById("dialog"); if (dialog.open) dialog.close(); });
})();
