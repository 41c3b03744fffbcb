// Live screens: the server draws, this puts it in place. Without it the page shows how things stood when it came.
"use strict";
(() => {
  const place = document.querySelector("[data-live]");
  if (!place || !window.EventSource) return;
  const sign = document.querySelector("[data-live-sign]");
  const show = (isOn) => {
    sign.classList.toggle("off", !isOn);
    sign.querySelectorAll("[data-when]").forEach((each) => { each.hidden = (each.dataset.when === "on") !== isOn; });
  };

  // Whoever selects text, or stands on a link, is not to lose it.
  const isSelecting = () => {
    const selection = window.getSelection();
    return selection && !selection.isCollapsed && place.contains(selection.anchorNode);
  };
  const put = (text) => {
    if (isSelecting()) return;
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const links = () => [...place.querySelectorAll("a[href]")];
    const which = focused === null ? -1 : links().filter((each) => each.getAttribute("href") === focused).indexOf(document.activeElement);
    const frame = place.querySelector(".map-frame"), left = frame ? frame.scrollLeft : 0;
    place.innerHTML = text;
    const again = place.querySelector(".map-frame");
    if (again) again.scrollLeft = left;
    const target = which < 0 ? undefined : links().filter((each) => each.getAttribute("href") === focused)[which];
    if (target) target.focus({ preventScroll: true });
  };

  let source = null, retry = 0;
  const stop = () => { clearTimeout(retry); if (source) source.close(); source = null; };
  const start = () => {
    stop();
    source = new EventSource(place.dataset.live);
    source.addEventListener("part", (event) => { show(true); put(event.data); });
    source.addEventListener("over", () => { stop(); location.reload(); });
    source.addEventListener("error", () => {
      show(false);
      // The browser tries again by itself, but not after an answer that was no stream.
      if (source && source.readyState === EventSource.CLOSED) retry = setTimeout(start, 15000);
    });
  };
  // A page that nobody sees asks for nothing.
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => { if (event.persisted) start(); });
  if (!document.hidden) start();
})();
