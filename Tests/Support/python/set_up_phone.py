"""Sets a phone up for push messages as a person does: from the QR code on a screen to the test message on the phone.

Two real browsers: a screen where the person is signed in, and a phone where nobody is. The QR code is read from the
picture's own modules. What no browser without a push service can do is done by a stand-in of one: it gives the phone
an address and keys, takes the server's encrypted request, decrypts it as the browser would (http_ece), and has the
browser's protocol for developers deliver it to the service worker.

Arguments: the server's address, the path of Chromium. Standard input: JSON with "email" and "password".
Standard output: one JSON object.
"""
import asyncio
import base64
import json
import re
import sys
import time

import aiohttp
from aiohttp import web
import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chromium import PATIENCE, Chromium

ADDRESS, CHROMIUM = sys.argv[1:3]
BLOCKS = {1: (10, [16]), 2: (16, [28]), 3: (26, [44]), 4: (18, [32] * 2), 5: (24, [43] * 2), 6: (16, [27] * 4),
          7: (18, [31] * 4), 8: (22, [38, 38, 39, 39]), 9: (22, [36] * 3 + [37] * 2), 10: (26, [43] * 4 + [44])}
ALIGNED = {1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42],
           9: [6, 26, 46], 10: [6, 28, 50]}
MASKS = [lambda y, x: (y + x) % 2 == 0, lambda y, x: y % 2 == 0, lambda y, x: x % 3 == 0,
         lambda y, x: (y + x) % 3 == 0, lambda y, x: (y // 2 + x // 3) % 2 == 0,
         lambda y, x: y * x % 2 + y * x % 3 == 0, lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
         lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0]


def read_qr(svg):
    """The text of a QR code (ISO/IEC 18004, byte mode, level M) that is drawn without a fault."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg).group(1)) - 8
    dark = {(int(y) - 4, int(x) - 4) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)}
    version = (side - 17) // 4
    bits = [((8, x) in dark) for x in (0, 1, 2, 3, 4, 5, 7, 8)]
    level_and_mask = int("".join("01"[bit] for bit in bits[:5]), 2) ^ 0b10101
    if level_and_mask >> 3 != 0:
        raise ValueError("not of level M")
    mask = MASKS[level_and_mask & 7]
    last = side - 1

    def is_fixed(y, x):
        corner = (y < 9 and x < 9) or (y < 9 and x > last - 8) or (y > last - 8 and x < 9)
        centres = [(a, b) for a in ALIGNED[version] for b in ALIGNED[version]
                   if not (a == 6 and b in (6, last - 6)) and not (a == last - 6 and b == 6)]
        mark = any(abs(y - a) < 3 and abs(x - b) < 3 for a, b in centres)
        number = version >= 7 and ((y < 6 and x > last - 11) or (x < 6 and y > last - 11))
        return corner or mark or number or y == 6 or x == 6

    stream, upwards, x = [], True, last
    while x > 0:
        x -= x == 6
        for y in (range(last, -1, -1) if upwards else range(side)):
            stream += [((y, c) in dark) ^ mask(y, c) for c in (x, x - 1) if not is_fixed(y, c)]
        upwards, x = not upwards, x - 2
    words = [int("".join("01"[bit] for bit in stream[i:i + 8]), 2) for i in range(0, len(stream) - 7, 8)]
    _, blocks = BLOCKS[version]
    data, place = [[] for _ in blocks], 0
    for column in range(max(blocks)):
        for block, length in enumerate(blocks):
            if column < length:
                data[block].append(words[place])
                place += 1
    content = "".join(f"{word:08b}" for block in data for word in block)
    if content[:4] != "0100":
        raise ValueError("not in byte mode")
    width = 8 if version < 10 else 16
    length = int(content[4:4 + width], 2)
    start = 4 + width
    return bytes(int(content[start + i * 8:start + i * 8 + 8], 2) for i in range(length)).decode()


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class PushService:
    """Where the server sends push messages to, and whoever can read them: the phone's keys are here."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = bytes(range(16))
        self.messages = asyncio.Queue()
        self.headers = {}

    async def start(self):
        app = web.Application()
        app.router.add_post("/push/phone", self.take)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.endpoint = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/push/phone"

    async def take(self, request):
        body = await request.read()
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        text = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm").decode()
        await self.messages.put(text)
        return web.Response(status=201, headers={"Location": self.endpoint + "/1"})

    @property
    def script(self):
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        return """PushManager.prototype.subscribe = async (options) => {
          const raw = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
          window.subscribedWith = { isVisible: options.userVisibleOnly, key: options.applicationServerKey };
          const keys = { p256dh: raw("%s"), auth: raw("%s") };
          return { endpoint: "%s", getKey: (name) => keys[name], unsubscribe: async () => true };
        };""" % (encoded(point), encoded(self.secret), self.endpoint)


class Browser(Chromium):
    """A browser with one page."""

    async def open(self, session):
        await super().open(session)
        self.page = await self.tab("about:blank")
        await self.call("Page.enable", self.page)

    async def evaluate(self, script):
        return await self.run(script, self.page)

    async def wait(self, script, what):
        try:
            return await self.until(lambda: self.seen(script, self.page), what)
        except RuntimeError as error:
            raise RuntimeError(f"{error}; the page says: {await self.evaluate('document.body.innerText')}") from None

    async def go(self, address):
        await self.call("Page.navigate", self.page, url=address)
        path = json.dumps(address.split("?")[0])
        await self.wait(f"document.readyState === 'complete' && location.href.startsWith({path})", address)

    async def tap(self, words):
        """A tap in the middle of the button or link that says this, as the screen reports one."""
        find = f"""[...document.querySelectorAll("button, a")].find((one) => one.textContent.trim() === {json.dumps(words)}
            && one.getClientRects().length > 0)"""
        await self.wait(f"Boolean({find})", words)
        spot = await self.evaluate(
            f"""(() => {{ const one = {find}; one.scrollIntoView({{ block: "center" }});
            const box = one.getBoundingClientRect();
            return {{ x: box.x + box.width / 2, y: box.y + box.height / 2, height: box.height }}; }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", self.page, type=kind, x=spot["x"], y=spot["y"],
                            button="left", clickCount=1)
        return spot["height"]


async def sign_in(screen, person):
    await screen.go(ADDRESS + "/sign-in")
    await screen.evaluate(
        f"""document.querySelector("[name=email]").value = {json.dumps(person["email"])};
        document.querySelector("[name=password]").value = {json.dumps(person["password"])};
        document.querySelector("[name=password]").form.submit()""")
    await screen.wait("document.body.classList.contains('signed-in')", "the signed-in page")
    # It leads on to the person's own page.
    await screen.call("Page.navigate", screen.page, url=ADDRESS + "/profile")
    await screen.wait(
        "document.readyState === 'complete' && Boolean(document.querySelector('nav[aria-label=User]'))", "the profile")


async def play(screen, phone, service, person):
    await sign_in(screen, person)
    taps, began = [], time.monotonic()
    for words in json.loads(person["screenTaps"]):
        await screen.tap(words)
        taps.append(f"screen: {words}")
    svg = await screen.wait("document.querySelector('img.qr')?.src", "the QR code")
    link = read_qr(base64.b64decode(svg.split(",", 1)[1]).decode())

    await phone.call("Emulation.setDeviceMetricsOverride", phone.page, width=390, height=844, deviceScaleFactor=2,
                     mobile=True)
    await phone.call("Browser.grantPermissions", permissions=["notifications"], origin=ADDRESS)
    await phone.call("Page.addScriptToEvaluateOnNewDocument", phone.page, source=service.script)
    await phone.go(link)
    taps.append("phone: open what the camera read")
    facts = await phone.evaluate(
        """({ heading: document.querySelector("h1").textContent, isSignedIn: document.body.classList.contains("signed-in"),
        install: document.getElementById("push-install")?.textContent ?? "",
        fits: document.documentElement.scrollWidth <= innerWidth, manifest: document.querySelector("[rel=manifest]").href })""")
    async with aiohttp.ClientSession() as session:
        async with session.get(facts.pop("manifest")) as answer:
            facts["start"] = (await answer.json(content_type=None))["start_url"]
    facts["buttonHeight"] = await phone.tap("Page this device")
    taps.append("phone: Page this device")
    taps.append("phone: Allow notifications")
    said = await phone.wait("(() => { const s = document.getElementById('push-state'); return !s.hidden && s.textContent; })()",
                             "what became of it")
    if not said.startswith("Done"):
        raise RuntimeError(said)
    text = await asyncio.wait_for(service.messages.get(), PATIENCE)
    await phone.deliver(text, phone.page, ADDRESS)
    shown = await phone.wait(
        """navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => all.length > 0
           && JSON.stringify({ title: all[0].title, body: all[0].body }))""", "the notification")
    return {
        **facts, "link": link, "taps": taps, "seconds": time.monotonic() - began, "said": said,
        "shown": json.loads(shown), "isVisibleOnly": await phone.evaluate("window.subscribedWith.isVisible"),
        "keyLength": len(base64.urlsafe_b64decode((await phone.evaluate("window.subscribedWith.key")) + "==")),
        "authorization": service.headers.get("authorization", "").split(" ")[0],
        "encoding": service.headers.get("content-encoding", ""),
    }


async def main():
    person = json.load(sys.stdin)
    service = PushService()
    await service.start()
    async with aiohttp.ClientSession() as session:
        screen, phone = Browser(CHROMIUM), Browser(CHROMIUM)
        try:
            await screen.open(session)
            await phone.open(session)
            print(json.dumps(await play(screen, phone, service, person)))
        finally:
            for browser in (screen, phone):
                browser.close()
            await service.runner.cleanup()


asyncio.run(main())
