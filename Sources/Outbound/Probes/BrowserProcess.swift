import Alerting
import Foundation

/// A Chromium of our own, spoken to by its DevTools protocol over two pipes: no port is opened that others could use.
///
/// Used by one thread, which waits for it.
final class BrowserProcess {
    enum Problem: Error {
        case notStarted
        case gone
        case timedOut
        /// The browser's own words.
        case refused(String)
    }

    private let process: pid_t
    private let commands: Int32
    private let messages: Int32
    private let folder: String
    private var deadline: ContinuousClock.Instant
    private var buffer: [UInt8] = []
    private var nextID: Int64 = 0
    /// Told of each event, with its method and parameters, while an answer is waited for.
    var onEvent: (String, JSONValue) -> Void = { _, _ in }
    private static let longestMessage = 64 * 1024 * 1024

    /// Starts it with an empty profile, which goes with it.
    ///
    /// - Parameter gate: the port of this machine through which it reaches all others.
    init(path: String, gate: Int, until deadline: ContinuousClock.Instant) throws(Problem) {
        self.deadline = deadline
        folder = "/tmp/nightbell-browser-\(UUID().uuidString.prefix(8))"
        var (down, up): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&down) == 0, pipe(&up) == 0 else { throw .notStarted }
        // Out of the way of 3 and 4, which are the browser's ends.
        let (input, output) = (fcntl(down[0], F_DUPFD_CLOEXEC, 10), fcntl(up[1], F_DUPFD_CLOEXEC, 10))
        let (mine, theirs) = (fcntl(down[1], F_DUPFD_CLOEXEC, 10), fcntl(up[0], F_DUPFD_CLOEXEC, 10))
        for file in down + up { close(file) }
        defer {
            close(input)
            close(output)
        }
        guard let started = Self.spawn(path, Self.arguments(folder, gate), input: input, output: output) else {
            close(mine)
            close(theirs)
            throw .notStarted
        }
        (process, commands, messages) = (started, mine, theirs)
    }

    /// Gives a little more time, for what is to be done when its own is over.
    func grant(_ more: Duration) { deadline = max(deadline, .now + more) }

    /// Ends it and all that it has started.
    func end() {
        kill(-process, SIGKILL)
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        close(commands)
        close(messages)
        // Left behind, it is in nobody's way.
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func arguments(_ folder: String, _ gate: Int) -> [String] {
        var arguments = [
            "--headless=new", "--remote-debugging-pipe", "--user-data-dir=\(folder)", "--disable-gpu", "--no-first-run",
            "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-extensions", "--mute-audio", "--hide-scrollbars",
            "--proxy-server=socks5://127.0.0.1:\(gate)", "--proxy-bypass-list=<-loopback>",
            // It looks nothing up by itself, and WebRTC does not go around the gate.
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--disable-dev-shm-usage", "--window-size=1280,900",
        ]
        // Its own sandbox does not start for root, nor inside most containers.
        if geteuid() == 0 { arguments.append("--no-sandbox") }
        return arguments + ["about:blank"]
    }

    private static func spawn(_ path: String, _ arguments: [String], input: Int32, output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        for file in openFiles() { posix_spawn_file_actions_addclose(&actions, file) }
        posix_spawn_file_actions_adddup2(&actions, input, 3)
        posix_spawn_file_actions_adddup2(&actions, output, 4)
        let words = pointers([path] + arguments)
        let environment = pointers(["HOME=/tmp", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"])
        defer { for word in words + environment { free(word) } }
        var process: pid_t = 0
        return posix_spawn(&process, path, &actions, &attributes, words, environment) == 0 ? process : nil
    }

    /// Connections and files of ours that are no business of the browser's; not those that close by themselves.
    private static func openFiles() -> [Int32] {
        // A system without the list leaves them open.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 > 4 && fcntl($0, F_GETFD) & FD_CLOEXEC == 0 }
    }

    /// Copies that end with NULL.
    private static func pointers(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { (text: String) -> UnsafeMutablePointer<CChar>? in strdup(text) } + [nil]
    }

    /// Sends a command and waits for its answer; events that come meanwhile are told.
    @discardableResult
    func call(
        _ method: String, _ parameters: [String: JSONValue] = [:], session: String? = nil
    ) throws(Problem) -> JSONValue {
        let id = try send(method, parameters, session: session)
        while true {
            let message = try receive()
            guard message["id"]?.integer == id else {
                tell(message)
                continue
            }
            if let error = message["error"] { throw .refused(error["message"]?.string ?? "unknown") }
            return message["result"] ?? .null
        }
    }

    /// Sends a command whose answer nobody needs.
    @discardableResult
    func send(
        _ method: String, _ parameters: [String: JSONValue] = [:], session: String? = nil
    ) throws(Problem) -> Int64 {
        nextID += 1
        var members: [String: JSONValue] = [
            "id": .integer(nextID), "method": .string(method), "params": .object(parameters),
        ]
        members["sessionId"] = session.map(JSONValue.string)
        try write(JSONValue.object(members).bytes() + [0])
        return nextID
    }

    /// Tells of events until `isDone`, which is asked after each and at least every 50 ms.
    func wait(until isDone: () throws(Problem) -> Bool) throws(Problem) {
        while try !isDone() {
            if let message = try receive(atMost: .milliseconds(50)) { tell(message) }
        }
    }

    private func tell(_ message: JSONValue) {
        guard let method = message["method"]?.string else { return }
        onEvent(method, message["params"] ?? .null)
    }

    private func receive() throws(Problem) -> JSONValue {
        while true {
            if let message = try receive(atMost: .milliseconds(200)) { return message }
        }
    }

    /// The next whole message; `nil` when none comes in this time.
    private func receive(atMost pause: Duration) throws(Problem) -> JSONValue? {
        while true {
            if let end = buffer.firstIndex(of: 0) {
                let message = Array(buffer[..<end])
                buffer.removeSubrange(...end)
                // What is no JSON is no message.
                if let value = try? JSONValue.parse(message) { return value }
                continue
            }
            guard ContinuousClock.now < deadline else { throw .timedOut }
            var waiting = pollfd(fd: messages, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(pause.wholeMilliseconds)) > 0 else { return nil }
            var part = [UInt8](repeating: 0, count: 64 * 1024)
            let count = read(messages, &part, part.count)
            guard count > 0, buffer.count + count <= Self.longestMessage else { throw .gone }
            buffer += part[..<count]
        }
    }

    private func write(_ bytes: [UInt8]) throws(Problem) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(commands, $0.baseAddress, $0.count) }
            guard count > 0 else { throw .gone }
            sent += count
        }
    }
}
