import Dispatch
public import Foundation
import Synchronization

/// A program started by a test: its lines can be waited for, and it never outlives this value.
public final class ChildProcess: Sendable {
    public enum Stream: Int, Sendable {
        case output, error
    }

    public enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    /// What was waited for did not come; the text ends with the last lines the program wrote.
    public struct NotSeen: Error, CustomStringConvertible {
        public var description: String

        public init(description: String) {
            self.description = description
        }
    }

    public let pid: Int32
    private let process: Process
    private let input: FileHandle
    private let journal = Journal()

    /// Starts `executable`, an absolute path.
    /// - Parameter environment: added to the test's own, before which it goes.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil
    ) throws {
        // Writing to a program that has ended must be an error, not the end of the tests.
        Foundation.signal(SIGPIPE, SIG_IGN)
        process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        if let workingDirectory { process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory) }
        let pipes = (input: Pipe(), output: Pipe(), error: Pipe())
        process.standardInput = pipes.input
        process.standardOutput = pipes.output
        process.standardError = pipes.error
        input = pipes.input.fileHandleForWriting
        process.terminationHandler = { [journal] process in
            journal.end(
                process.terminationReason == .exit
                    ? .status(process.terminationStatus) : .signal(process.terminationStatus))
        }
        try process.run()
        pid = process.processIdentifier
        journal.read(pipes.output.fileHandleForReading, as: .output)
        journal.read(pipes.error.fileHandleForReading, as: .error)
    }

    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
    }

    /// Everything written so far, line by line.
    public func lines(on stream: Stream = .output) -> [String] {
        journal.lines(on: stream)
    }

    /// The first line from number `start` on that contains `text`, waiting for it if need be.
    /// - Throws: `NotSeen` at the deadline, or as soon as the program has ended without it.
    @discardableResult
    public func waitForLine(
        containing text: String, on stream: Stream = .output, from start: Int = 0, within limit: Duration = .seconds(30)
    ) async throws -> String {
        var next = start
        return try await journal.wait(for: "a line with \"\(text)\"", within: limit) { state in
            let lines = state.lines[stream.rawValue]
            while next < lines.count {
                if lines[next].contains(text) { return lines[next] }
                next += 1
            }
            return nil
        }
    }

    /// All lines so far, once there are at least `count`.
    /// - Throws: `NotSeen` at the deadline, or as soon as the program has ended without them.
    public func waitForLines(
        _ count: Int, on stream: Stream = .output, within limit: Duration = .seconds(30)
    ) async throws -> [String] {
        try await journal.wait(for: "\(count) lines", within: limit) { state in
            let lines = state.lines[stream.rawValue]
            return lines.count >= count ? lines : nil
        }
    }

    /// Writes `line` and a line end to the program's standard input.
    public func write(_ line: String) throws {
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    public func closeInput() {
        // Already closed is what was wanted.
        try? input.close()
    }

    /// Sends a signal such as `SIGTERM`; nothing happens when the program has ended.
    public func send(signal number: Int32) {
        if process.isRunning { kill(pid, number) }
    }

    /// How the program ended, after all that it wrote was read.
    /// - Throws: `NotSeen` at the deadline; the program is left running.
    @discardableResult
    public func waitForExit(within limit: Duration = .seconds(30)) async throws -> Exit {
        try await journal.wait(for: "the program's end", within: limit) { $0.isOver ? $0.exit : nil }
    }

    /// Asks the program to end, kills it after 5 seconds.
    public func stop() async {
        send(signal: SIGTERM)
        closeInput()
        do {
            try await waitForExit(within: .seconds(5))
        } catch {
            send(signal: SIGKILL)
        }
    }

    /// Runs a program to its end.
    /// - Parameter input: written to its standard input; the program must not write much before it has read that.
    public static func run(
        _ executable: String, _ arguments: [String] = [], input: Data = Data(), environment: [String: String] = [:],
        workingDirectory: String? = nil, within limit: Duration = .seconds(60)
    ) async throws -> (exit: Exit, output: [String], error: [String]) {
        let child = try ChildProcess(
            executable, arguments, environment: environment, workingDirectory: workingDirectory)
        try child.input.write(contentsOf: input)
        child.closeInput()
        let exit = try await child.waitForExit(within: limit)
        return (exit, child.lines(on: .output), child.lines(on: .error))
    }
}
