import Alerting
import Foundation

/// Does in a browser what a visitor does, and keeps a picture of where it stopped.
///
/// Each request of the page is looked at before it goes out: its host's addresses must all be such that we may reach.
/// What it connects to in the end, the gate judges once more.
struct BrowserProbe {
    let browser: String
    let limit: Duration
    /// Of the way out, on this machine.
    let gate: Int
    let names: NameCache
    let mayReach: (IPAddress) -> Bool

    private typealias Problem = BrowserProcess.Problem

    /// What one visit has come to.
    private final class Visit {
        var isLoaded = false
        var refusedHost: String?
        /// Of the document of the page.
        var status: Int?
        var requests = 0
        var bytes = 0
        var broken: [String] = []
        var known: [String: Bool] = [:]
        var urls: [String: String] = [:]
    }

    /// - Parameter isPage: whether it is one page, whose parts and times count.
    func run(_ journey: JourneyCheck, isPage: Bool) -> CheckAnswer {
        let start = ContinuousClock.now
        let process: BrowserProcess
        do throws(Problem) {
            process = try BrowserProcess(path: browser, gate: gate, until: start + limit)
        } catch {
            return CheckAnswer(problem: .missing, detail: "the browser does not start", total: .zero)
        }
        defer { process.end() }
        let visit = Visit()
        var session: String?
        do throws(Problem) {
            let page = try open(process, visit)
            session = page
            let steps = isPage ? [.open(url: journey.url)] : Self.steps(journey)
            for (index, step) in steps.enumerated() {
                guard let words = try perform(step, process, page, visit) else { continue }
                let place = isPage ? "" : "step \(index + 1) (\(Limits.cut(step.words, to: 100))): "
                return CheckAnswer(
                    problem: visit.refusedHost == nil ? .broken : .addressRefused, detail: place + words,
                    total: ContinuousClock.now - start, status: visit.status, screenshot: picture(process, page))
            }
            return try done(process, page, visit, isPage: isPage, since: start)
        } catch {
            let (problem, detail): (CheckAnswer.Problem, String) =
                switch error {
                case .timedOut: (.timedOut, "it took longer than \(limit.wholeMilliseconds / 1000) s")
                case .gone, .notStarted: (.missing, "the browser ended by itself")
                case .refused(let words): (.broken, "the browser refused: \(Limits.cut(words, to: 200))")
                }
            return CheckAnswer(
                problem: problem, detail: detail, total: ContinuousClock.now - start, status: visit.status,
                screenshot: session.flatMap { picture(process, $0) })
        }
    }

    private static func steps(_ journey: JourneyCheck) -> [JourneyCheck.Step] {
        if case .open = journey.steps.first { return journey.steps }
        return [.open(url: journey.url)] + journey.steps
    }

    /// - Returns: the session of a page of its own.
    private func open(_ process: BrowserProcess, _ visit: Visit) throws(Problem) -> String {
        let target = try process.call("Target.createTarget", ["url": .string("about:blank")])["targetId"] ?? .null
        let attached = try process.call("Target.attachToTarget", ["targetId": target, "flatten": .bool(true)])
        guard let session = attached["sessionId"]?.string else { throw .gone }
        process.onEvent = { [unowned process] method, parameters in
            self.take(method, parameters, process, session, visit)
        }
        try process.call("Page.enable", session: session)
        try process.call("Network.enable", session: session)
        try process.call(
            "Fetch.enable", ["patterns": .array([.object(["urlPattern": .string("*")])])], session: session)
        return session
    }

    private func take(
        _ method: String, _ parameters: JSONValue, _ process: BrowserProcess, _ session: String, _ visit: Visit
    ) {
        switch method {
        case "Fetch.requestPaused": admit(parameters, process, session, visit)
        case "Page.loadEventFired": visit.isLoaded = true
        case "Page.javascriptDialogOpening":
            // A page that is gone needs no answer.
            _ = try? process.send("Page.handleJavaScriptDialog", ["accept": .bool(true)], session: session)
        case "Network.responseReceived":
            let status = parameters["response"]?["status"]?.integer.map { Int($0) } ?? 0
            if parameters["type"]?.string == "Document", visit.status == nil { visit.status = status }
            if status >= 400, parameters["type"]?.string != "Document" {
                visit.broken.append("\(Limits.cut(parameters["response"]?["url"]?.string ?? "", to: 100)) (\(status))")
            }
        case "Network.requestWillBeSent":
            visit.requests += 1
            guard let id = parameters["requestId"]?.string, visit.urls.count < 2000 else { return }
            visit.urls[id] = parameters["request"]?["url"]?.string
        case "Network.dataReceived": visit.bytes += Int(parameters["dataLength"]?.integer ?? 0)
        case "Network.loadingFailed" where parameters["canceled"]?.bool != true:
            let url = parameters["requestId"]?.string.flatMap { visit.urls[$0] } ?? "a part"
            visit.broken.append("\(Limits.cut(url, to: 100)) (\(parameters["errorText"]?.string ?? "failed"))")
        default: break
        }
    }

    private func admit(_ parameters: JSONValue, _ process: BrowserProcess, _ session: String, _ visit: Visit) {
        let id = parameters["requestId"] ?? .null
        let url = parameters["request"]?["url"]?.string ?? ""
        let host = URLComponents(string: url)?.host?.trimmingCharacters(in: ["[", "]"]) ?? ""
        let isFine = visit.known[host] ?? isAllowed(host, url)
        visit.known[host] = isFine
        if isFine {
            // A page that is gone needs no answer.
            _ = try? process.send("Fetch.continueRequest", ["requestId": id], session: session)
        } else {
            visit.refusedHost = host
            _ = try? process.send(  // As above.
                "Fetch.failRequest",
                ["requestId": id, "errorReason": .string("AddressUnreachable")], session: session)
        }
    }

    private func isAllowed(_ host: String, _ url: String) -> Bool {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            return url.hasPrefix("data:") || url.hasPrefix("blob:") || url.hasPrefix("about:")
        }
        let addresses = names.addressesNow(of: host)
        return !addresses.isEmpty && addresses.allSatisfy(mayReach)
    }

    private static func words(_ error: String) -> String {
        error == "net::ERR_SOCKS_CONNECTION_FAILED"
            ? "the page did not load: nobody took the connection"
            : "the page did not load: \(error)"
    }

    /// - Returns: why it did not work; `nil`: it did.
    private func perform(
        _ step: JourneyCheck.Step, _ process: BrowserProcess, _ session: String, _ visit: Visit
    ) throws(Problem) -> String? {
        switch step {
        case .open(let url):
            visit.isLoaded = false
            visit.status = nil
            let answer = try process.call("Page.navigate", ["url": .string(url)], session: session)
            if let error = answer["errorText"]?.string, !error.isEmpty {
                guard let host = visit.refusedHost else { return Self.words(error) }
                return host.isEmpty
                    ? CheckAnswer.Problem.nameUnknown.words : CheckAnswer.Problem.addressRefused.words
            }
            try process.wait { () throws(Problem) in visit.isLoaded }
            if let status = visit.status, status >= 400 { return "the status is \(status)" }
            return nil
        case .click(let selector):
            return try retry(
                """
                const e = document.querySelector(\(Self.quoted(selector))); if (!e) return false;
                e.click(); return true
                """,
                "there is nothing to click", process, session)
        case .fill(let selector, let text):
            return try retry(
                """
                const e = document.querySelector(\(Self.quoted(selector))); if (!e) return false;
                const d = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(e), 'value');
                if (d && d.set) d.set.call(e, \(Self.quoted(text))); else e.value = \(Self.quoted(text));
                e.dispatchEvent(new Event('input', {bubbles: true}));
                e.dispatchEvent(new Event('change', {bubbles: true})); return true
                """, "there is no such field", process, session)
        case .expect(let selector, let text):
            let element = selector.isEmpty ? "document.body" : "document.querySelector(\(Self.quoted(selector)))"
            return try retry(
                """
                const e = \(element); if (!e) return false;
                return ((e.innerText || '') + ' ' + (e.value || '')).includes(\(Self.quoted(text)))
                """, "it did not appear", process, session)
        }
    }

    /// How long a step waits for what it needs.
    private static let patience = Duration.seconds(10)

    /// Runs the body of a function in the page until it answers true.
    private func retry(
        _ body: String, _ words: String, _ process: BrowserProcess, _ session: String
    ) throws(Problem) -> String? {
        let end = ContinuousClock.now + min(Self.patience, limit / 2)
        while true {
            let answer = try? process.call(  // A page that goes away just now is asked again.
                "Runtime.evaluate",
                ["expression": .string("(() => { \(body) })()"), "returnByValue": .bool(true)], session: session)
            if answer?["result"]?["value"]?.bool == true { return nil }
            guard ContinuousClock.now < end else { return words }
            let pause = ContinuousClock.now + .milliseconds(100)
            try process.wait { () throws(Problem) in ContinuousClock.now >= pause }
        }
    }

    /// As a text of JavaScript.
    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }

    private func done(
        _ process: BrowserProcess, _ session: String, _ visit: Visit, isPage: Bool,
        since start: ContinuousClock.Instant
    ) throws(Problem) -> CheckAnswer {
        guard isPage else { return CheckAnswer(total: ContinuousClock.now - start, status: visit.status) }
        let script = """
            (() => { const t = performance.getEntriesByType('navigation')[0]; if (!t) return null; return {
            lookUp: t.domainLookupEnd - t.domainLookupStart, connect: t.connectEnd - t.connectStart,
            encryption: t.secureConnectionStart > 0 ? t.connectEnd - t.secureConnectionStart : 0,
            first: t.responseStart - t.requestStart, total: t.loadEventEnd || t.domComplete } })()
            """
        let answer = try process.call(
            "Runtime.evaluate", ["expression": .string(script), "returnByValue": .bool(true)], session: session)
        let times = answer["result"]?["value"]
        func time(_ name: String) -> Duration? {
            times?[name]?.double.map { .microseconds(Int64($0 * 1000)) }
        }
        let encryption = time("encryption").flatMap { $0 > .zero ? $0 : nil }
        let isWhole = visit.broken.isEmpty
        return CheckAnswer(
            total: time("total") ?? ContinuousClock.now - start,
            phases: CheckAnswer.Phases(
                lookUp: time("lookUp"), connect: time("connect").map { $0 - (encryption ?? .zero) },
                encryption: encryption, firstByte: time("first")),
            status: visit.status,
            parts: CheckAnswer.Parts(
                count: max(0, visit.requests - 1), bytes: visit.bytes, broken: Array(visit.broken.prefix(100))),
            screenshot: isWhole ? nil : picture(process, session))
    }

    /// As PNG; `nil` when there is none to be had.
    private func picture(_ process: BrowserProcess, _ session: String) -> [UInt8]? {
        process.grant(.seconds(3))
        // A page that cannot be drawn has no picture.
        let answer = try? process.call("Page.captureScreenshot", ["format": .string("png")], session: session)
        guard let text = answer?["data"]?.string, let data = Data(base64Encoded: text),
            data.count <= Limits.monitorScreenshot
        else { return nil }
        return [UInt8](data)
    }
}
