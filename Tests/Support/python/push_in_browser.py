"""Lets a real Chromium install the service worker and take a push message, as its own protocol for developers delivers
one; then shows what the notification says, and does what a tap on it, or on its buttons, does.

Arguments: the server's address, the path of Chromium, and what is tapped: "open", "accept" or "resolve".
Standard input: the push message, as a push service would hand it over.
Standard output: one JSON object.

What no browser without a push service and a person can show is left out: subscribing, and the tap itself. The event of
a tap is made in the worker; where it opens a page is read, because a browser opens none without a person.
"""
import asyncio
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import aiohttp

ADDRESS, CHROMIUM, TAP = sys.argv[1:4]
PATIENCE = 30

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


class Browser:
    def __init__(self, socket):
        self.socket = socket
        self.last = 0
        self.waiting = {}
        self.events = []
        self.reader = asyncio.create_task(self.read())

    async def read(self):
        async for message in self.socket:
            data = json.loads(message.data)
            if "id" in data:
                self.waiting.pop(data["id"]).set_result(data)
            else:
                self.events.append(data)

    async def call(self, method, session=None, **params):
        self.last += 1
        answer = asyncio.get_running_loop().create_future()
        self.waiting[self.last] = answer
        message = {"id": self.last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        await self.socket.send_json(message)
        data = await asyncio.wait_for(answer, PATIENCE)
        if "error" in data:
            raise RuntimeError(f"{method}: {data['error']['message']}")
        return data["result"]

    async def run(self, script, session):
        result = await self.call(
            "Runtime.evaluate", session, expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "it failed"))
        return result["result"].get("value")

    async def until(self, look, what):
        for _ in range(PATIENCE * 20):
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{what} was not seen")


async def play(browser, push):
    target = (await browser.call("Target.createTarget", url=ADDRESS + "/sign-in"))["targetId"]
    page = (await browser.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    await browser.call("Browser.grantPermissions", permissions=["notifications"], origin=ADDRESS)
    await browser.call("Runtime.enable", page)
    await browser.call("ServiceWorker.enable", page)

    async def loaded():
        try:
            return await browser.run("document.readyState === 'complete' && location.href.startsWith('http')", page)
        except RuntimeError:
            # Between two pages there is nothing yet that a script could run in.
            return False

    await browser.until(loaded, "the page")
    manifest = await browser.call("Page.getAppManifest", page)
    scope = await browser.run(
        """navigator.serviceWorker.register('/service-worker.js').then(() => navigator.serviceWorker.ready)
           .then((one) => one.scope)""", page)

    async def registered():
        for event in browser.events:
            for one in event.get("params", {}).get("registrations", []):
                if one["scopeURL"] == scope and not one["isDeleted"]:
                    return one["registrationId"]
        return None

    registration = await browser.until(registered, "the registration")
    await browser.call(
        "ServiceWorker.deliverPushMessage", page, origin=ADDRESS, registrationId=registration, data=push)
    look = """navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => JSON.stringify(
        all.map((one) => ({ title: one.title, body: one.body, tag: one.tag,
                            isKept: one.requireInteraction, actions: one.actions.map((a) => a.action) }))))"""

    async def shown():
        found = json.loads(await browser.run(look, page))
        return found or None

    notifications = await browser.until(shown, "the notification")
    targets = (await browser.call("Target.getTargets"))["targetInfos"]
    worker = next(one["targetId"] for one in targets if one["type"] == "service_worker")
    session = (await browser.call("Target.attachToTarget", targetId=worker, flatten=True))["sessionId"]
    tapped = json.loads(await browser.run(TAPPED % ("" if TAP == "open" else TAP), session))
    return {
        "scope": scope, "manifestErrors": [one["message"] for one in manifest["errors"]],
        "name": json.loads(manifest["data"])["name"], "notifications": notifications, **tapped,
    }


async def main():
    push = sys.stdin.read()
    folder = tempfile.mkdtemp(prefix="nightbell-push-", dir="/tmp")
    chromium = subprocess.Popen(
        [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
         f"--user-data-dir={folder}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = pathlib.Path(folder, "DevToolsActivePort")
        for _ in range(PATIENCE * 20):
            if port.exists() and len(port.read_text().splitlines()) == 2:
                break
            await asyncio.sleep(0.05)
        number, path = port.read_text().splitlines()
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"ws://127.0.0.1:{number}{path}", max_msg_size=0) as socket:
                browser = Browser(socket)
                print(json.dumps(await play(browser, push)))
                browser.reader.cancel()
    finally:
        chromium.kill()
        chromium.wait()
        shutil.rmtree(folder, ignore_errors=True)


asyncio.run(main())
