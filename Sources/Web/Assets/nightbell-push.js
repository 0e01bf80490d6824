// Subscribes this browser to push messages, on the page that a person's own link leads to.
"use strict";
(() => {
  const place = document.getElementById("push");
  const button = document.getElementById("push-start");
  const state = document.getElementById("push-state");
  if (!place || !button || !state) return;
  const say = (text, isProblem) => { state.textContent = text; state.classList.toggle("notice-problem", Boolean(isProblem)); state.hidden = false; };
  const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const app = document.getElementById("push-app");
  addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); app.hidden = false; app.onclick = () => { app.hidden = true; event.prompt(); }; });
  const isHome = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
  if (isHome) document.getElementById("push-install").hidden = true;
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    const isApple = /iPhone|iPad/.test(navigator.userAgent);
    say(isApple && !isHome ? "On an iPhone or iPad: tap Share, then Add to Home Screen, and open Nightbell from there." : "This browser cannot take push messages, or the address does not begin with https.", true);
    button.disabled = true;
    return;
  }
  const start = async () => {
    const registration = await navigator.serviceWorker.register("/service-worker.js");
    await navigator.serviceWorker.ready;
    if (await Notification.requestPermission() !== "granted") { say("Notifications are blocked. Allow them for this site in the browser's settings, then try again.", true); return; }
    const old = await registration.pushManager.getSubscription();
    if (old) await old.unsubscribe();
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: place.dataset.key });
    const body = new URLSearchParams({ endpoint: subscription.endpoint, p256dh: encode(subscription.getKey("p256dh")), auth: encode(subscription.getKey("auth")), label: navigator.userAgentData?.platform || navigator.platform || "Browser" });
    const answer = await fetch(location.pathname, { method: "POST", body });
    if (answer.ok) { say("Done: this device is paged from now on. A test is on its way to it."); button.hidden = true; } else say("This link is not valid any more. Make a new one on your profile.", true);
  };
  button.addEventListener("click", () => { button.disabled = true; start().catch((error) => say("It did not work: " + error.message, true)).finally(() => { button.disabled = false; }); });
})();
