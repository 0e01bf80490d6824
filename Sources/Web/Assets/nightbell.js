// Freshens pages; everything works without it.
"use strict";
(() => {
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const announce = (text) => { const place = document.getElementById("announcements"); if (place) place.textContent = text; };

  // Parts marked data-fresh are replaced by what the server shows now, unless somebody is busy in them.
  const isBusy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
    || part.querySelector("details.menu[open]");
  const place = (element) => {
    if (!element) return null;
    const forms = element.closest("form");
    return [element.tagName, element.getAttribute("href"), forms && forms.getAttribute("action"), element.textContent].join("|");
  };
  const replace = (part, fresh) => {
    if (part.outerHTML === fresh.outerHTML || isBusy(part)) return;
    const focused = part.contains(document.activeElement) ? place(document.activeElement) : null;
    const open = $$("details[open][id]", part).map((details) => details.id);
    const [was, is] = [part.dataset.announce, fresh.dataset.announce];
    part.replaceWith(fresh);
    for (const id of open) { const details = document.getElementById(id); if (details) details.open = true; }
    enhance(fresh);
    if (focused) { const again = $$("a, button, summary", fresh).find((one) => place(one) === focused); if (again) again.focus(); }
    if (is && was !== is) announce(is);
  };
  let isRunning = false, isWanted = false;
  const freshen = async () => {
    if (isRunning) { isWanted = true; return; }
    isRunning = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = page.title;
      for (const part of $$("[data-fresh]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) replace(part, document.adoptNode(fresh));
      }
    } catch { /* The next change, or the next connection, tries again. */ } finally {
      isRunning = false;
      if (isWanted) { isWanted = false; freshen(); }
    }
  };
  let source = null;
  let alarm = null;
  const setConnected = (isConnected) => {
    const notice = document.getElementById("offline");
    if (!notice) return;
    if (!isConnected) { alarm ??= setTimeout(() => { notice.hidden = false; }, 3000); return; }
    clearTimeout(alarm);
    alarm = null;
    notice.hidden = true;
  };
  const listen = () => {
    const address = document.body.dataset.live;
    if (!address || source || document.hidden) return;
    let isFirst = true;
    source = new EventSource(address);
    source.addEventListener("open", () => { if (!isFirst) freshen(); isFirst = false; setConnected(true); });
    source.addEventListener("change", freshen);
    source.addEventListener("error", () => {
      setConnected(false);
      // Refused for good, such as after signing out elsewhere: the page itself finds out why.
      if (source && source.readyState === EventSource.CLOSED) { source = null; freshen(); setTimeout(listen, 10000); }
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { if (source) source.close(); source = null; } else if (!source) { listen(); if (source) freshen(); }
  });
  addEventListener("pagehide", () => { if (source) source.close(); source = null; });

  // Buttons that copy, lists that filter, choices that enable.
  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copy);
    if (!field) return;
    const text = field.value ?? field.textContent;
    try { await navigator.clipboard.writeText(text); } catch {
      if (field.select) field.select(); else getSelection().selectAllChildren(field);
      document.execCommand("copy");
    }
    const label = button.textContent;
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => { button.textContent = label; }, 1500);
  };
  const enhance = (root) => {
    for (const button of $$("button[data-copy]", root)) { button.hidden = false; button.onclick = () => copy(button); }
    for (const select of $$("select[data-submit]", root)) select.onchange = () => select.form.requestSubmit();
    for (const field of $$("input[data-filter]", root)) {
      const show = () => {
        const wanted = field.value.trim().toLowerCase();
        let count = 0;
        for (const tile of $$(field.dataset.filter)) {
          const isShown = tile.textContent.toLowerCase().includes(wanted) || tile.querySelector(":checked");
          tile.hidden = !isShown;
          if (isShown) count += 1;
        }
        announce(`${count} integrations`);
      };
      field.oninput = show;
      field.onkeydown = (event) => { if (event.key === "Enter") event.preventDefault(); };
    }
    for (const form of $$("form[data-needs]", root)) {
      const button = form.querySelector("button[data-next]");
      const check = () => { button.disabled = !form.querySelector(`[name="${form.dataset.needs}"]:checked`); };
      form.addEventListener("change", check);
      check();
    }
    for (const form of $$("form[method=post]", root)) {
      form.addEventListener("submit", () => setTimeout(() => { for (const button of $$("button", form)) button.disabled = true; }));
    }
    // A form whose preview follows what is typed; its Preview button does the same without this.
    for (const form of $$("form[data-preview]", root)) {
      let timer = null, latest = 0;
      const preview = async () => {
        const number = ++latest;
        const fields = new URLSearchParams(new FormData(form));
        fields.set("do", "preview");
        try {
          const answer = await fetch(form.action, { method: "POST", body: fields, credentials: "same-origin" });
          if (number !== latest || answer.status !== 200) return;
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const [old, fresh] = [document, page].map((one) => one.getElementById(form.dataset.preview));
          if (number === latest && old && fresh) old.replaceWith(document.adoptNode(fresh));
        } catch { /* The button still works. */ }
      };
      form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(preview, 300); });
      form.addEventListener("submit", () => { clearTimeout(timer); latest += 1; });
    }
    for (const zone of $$("select[data-zone]", root)) {
      const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
      if (here && $$("option", zone).some((option) => option.value === here)) zone.value = here;
    }
  };
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const button of $$("form[method=post] button")) button.disabled = false;
    if (event.persisted) for (const form of $$("form[data-needs]")) form.dispatchEvent(new Event("change"));
    listen();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of $$("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  enhance(document);
})();
