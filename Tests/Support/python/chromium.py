"""A real Chromium with a profile of its own, spoken to by its protocol for developers."""

import asyncio
import json
import pathlib
import shutil
import subprocess
import tempfile

PATIENCE = 30  # Seconds.


class Chromium:
    def __init__(self, program):
        self.program = program
        self.folder = self.process = self.reader = None
        self.last, self.waiting, self.events = 0, {}, []

    async def open(self, session):
        """`session`: aiohttp's."""
        self.folder = tempfile.mkdtemp(prefix="nightbell-browser-", dir="/tmp")
        self.process = subprocess.Popen(
            [self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--remote-debugging-port=0", f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = pathlib.Path(self.folder, "DevToolsActivePort")

        async def listening():
            return port.exists() and len(port.read_text().splitlines()) == 2

        await self.until(listening, "the browser's port")
        number, path = port.read_text().splitlines()
        self.socket = await session.ws_connect(f"ws://127.0.0.1:{number}{path}", max_msg_size=0)
        self.reader = asyncio.create_task(self.read())
        return self

    def close(self):
        """Whether or not it was opened."""
        if self.reader:
            self.reader.cancel()
        if self.process:
            self.process.kill()
            self.process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

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

    async def tab(self, url):
        """Opens a page; returns its session."""
        target = (await self.call("Target.createTarget", url=url))["targetId"]
        return await self.attach(target)

    async def attach(self, target):
        return (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]

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

    async def seen(self, script, session):
        """What a script finds; nothing between two pages, where there is nothing yet that it could run in."""
        try:
            return await self.run(script, session)
        except RuntimeError:
            return None

    async def deliver(self, push, session, address):
        """Hands a push message to the service worker that an origin has registered."""
        await self.call("ServiceWorker.enable", session)

        async def registered():
            for event in self.events:
                for one in event.get("params", {}).get("registrations", []):
                    if one["scopeURL"].startswith(address) and not one["isDeleted"]:
                        return one["registrationId"]
            return None

        registration = await self.until(registered, "the service worker")
        await self.call(
            "ServiceWorker.deliverPushMessage", session, origin=address, registrationId=registration, data=push)
