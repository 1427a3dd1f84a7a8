// Keys: / searches, j and k walk through a list, Enter opens, g and a letter goes to a page.
(() => {
  "use strict";
  let leading = 0;
  const typing = (el) => el.closest("input, select, textarea, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row]")];

  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("chosen"));
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    all.forEach((row) => row.classList.toggle("chosen", row === next));
    (next.querySelector("a") || next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };

  const search = () => {
    const box = document.querySelector("[data-search]");
    if (box) { box.focus(); box.select(); } else { location.assign("/events"); }
  };

  const lead = (key) => {
    leading = 0;
    const link = document.querySelector(`nav a[data-key="${CSS.escape(key)}"]`);
    if (link) link.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (leading && event.timeStamp - leading < 1500) { event.preventDefault(); return lead(event.key); }
    const does = { "/": search, j: () => walk(1), k: () => walk(-1), g: () => { leading = event.timeStamp; } };
    if (Object.hasOwn(does, event.key)) { event.preventDefault(); does[event.key](); }
  });

  // on a telephone the bar is wider than the screen: show where one is
  document.querySelector("nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // what must not happen by a slip: the browser asks first
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (words && !window.confirm(words)) event.preventDefault();
  });
})();
