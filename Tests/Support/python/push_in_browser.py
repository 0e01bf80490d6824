"""Lets a real Chromium install the service worker and take a push message, as its own protocol for developers delivers
one; then shows what the notification says, and does what a tap on it, or on its buttons, does.

Arguments: the server's address, the path of Chromium, and what is tapped: "open", "accept" or "resolve"; or
"change": the browser changes its subscription from https://push.example/old to …/new.
Standard input: the push message, as a push service would hand it over.
Standard output: one JSON object.

What no browser without a push service and a person can show is left out: subscribing, and the tap itself. The event of
a tap is made in the worker; where it opens a page is read, because a browser opens none without a person. Of a change
what the worker asked the server and was answered is told, and which address it keeps then.
"""
import asyncio
import json
import sys

import aiohttp

from chromium import Chromium

ADDRESS, CHROMIUM, TAP = sys.argv[1:4]

TAPPED = """(async () => {
  const [notification] = await registration.getNotifications();
  const opened = [];
  self.clients.openWindow = async (url) => { opened.push(url); };
  const event = new NotificationEvent("notificationclick", { notification, action: "%s" });
  const waits = [];
  Object.defineProperty(event, "waitUntil", { value: (promise) => waits.push(promise) });
  self.dispatchEvent(event);
  await Promise.all(waits);
  const left = (await registration.getNotifications()).map((one) => one.title);
  return JSON.stringify({ opened, left });
})()"""


CHANGED = """(async () => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0)).buffer;
  const point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
  const subscription = (name, auth) => ({
    endpoint: "https://push.example/" + name, getKey: (key) => bytes(key === "auth" ? auth : point),
    options: { applicationServerKey: bytes(point) },
  });
  const event = new ExtendableEvent("pushsubscriptionchange");
  const waits = [], opened = [], send = self.fetch;
  self.fetch = async (url, options) => {
    const answer = await send(url, options);
    opened.push(url + " " + answer.status);
    return answer;
  };
  Object.defineProperty(event, "oldSubscription", { value: subscription("old", "BTBZMqHH6r4Tts7J_aSIgg") });
  Object.defineProperty(event, "newSubscription", { value: subscription("new", "AAAAAAAAAAAAAAAAAAAAAA") });
  Object.defineProperty(event, "waitUntil", { value: (promise) => waits.push(promise) });
  self.dispatchEvent(event);
  await Promise.all(waits);
  const kept = await (await (await caches.open("push")).match("/push/kept")).json();
  return JSON.stringify({ opened, left: [kept.endpoint] });
})()"""


async def play(browser, push):
    page = await browser.tab(ADDRESS + "/sign-in")
    await browser.call("Browser.grantPermissions", permissions=["notifications"], origin=ADDRESS)
    await browser.call("Runtime.enable", page)

    async def loaded():
        return await browser.seen("document.readyState === 'complete' && location.href.startsWith('http')", page)

    await browser.until(loaded, "the page")
    manifest = await browser.call("Page.getAppManifest", page)
    scope = await browser.run(
        """navigator.serviceWorker.register('/service-worker.js').then(() => navigator.serviceWorker.ready)
           .then((one) => one.scope)""", page)
    await browser.deliver(push, page, ADDRESS)
    look = """navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => JSON.stringify(
        all.map((one) => ({ title: one.title, body: one.body, tag: one.tag,
                            isKept: one.requireInteraction, actions: one.actions.map((a) => a.action) }))))"""

    async def shown():
        found = json.loads(await browser.run(look, page))
        return found or None

    notifications = await browser.until(shown, "the notification")
    targets = (await browser.call("Target.getTargets"))["targetInfos"]
    worker = next(one["targetId"] for one in targets if one["type"] == "service_worker")
    session = await browser.attach(worker)
    script = CHANGED if TAP == "change" else TAPPED % ("" if TAP == "open" else TAP)
    tapped = json.loads(await browser.run(script, session))
    return {
        "scope": scope, "manifestErrors": [one["message"] for one in manifest["errors"]],
        "name": json.loads(manifest["data"])["name"], "notifications": notifications, **tapped,
    }


async def main():
    push = sys.stdin.read()
    browser = Chromium(CHROMIUM)
    async with aiohttp.ClientSession() as session:
        try:
            await browser.open(session)
            print(json.dumps(await play(browser, push)))
        finally:
            browser.close()


asyncio.run(main())
