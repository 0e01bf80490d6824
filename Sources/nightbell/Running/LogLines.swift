import Alerting
import Engine
import Foundation
import Logging

/// Writes one line an event to standard error: for people, or as JSON for programs.
struct LogLines: LogHandler {
    enum Format: String, CaseIterable, Sendable {
        case text, json
    }

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let format: Format
    private let clock = SystemClock()
    /// Characters of one value.
    private static let longestValue = 1000

    init(label: String, level: Logger.Level, format: Format) {
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { metadata["reason"] = "\(error)" }
        let facts = metadata.sorted { $0.key < $1.key }
            .map { ($0.key, Limits.cut("\($0.value)", to: Self.longestValue)) }
        Console.writeError(line(event.level, "\(event.message)", facts))
    }

    /// The finished line, without its end.
    func line(_ level: Logger.Level, _ message: String, _ facts: [(String, String)]) -> String {
        switch format {
        case .text:
            let pairs = facts.map { " \($0.0)=\(Self.quotedIfNeeded($0.1))" }.joined()
            return "\(clock.now.iso8601) \(level.rawValue) \(Self.oneLine(message))\(pairs)"
        case .json:
            var members = Dictionary(facts.map { ($0.0, JSONValue.string($0.1)) }) { $1 }
            members["time"] = .string(clock.now.iso8601)
            members["level"] = .string(level.rawValue)
            members["message"] = .string(message)
            members["logger"] = .string(label)
            return JSONValue.object(members).text
        }
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 32 && $0 != "\"" && $0 != "=" }
        return isPlain ? text : JSONValue.string(text).text
    }

    private static func oneLine(_ text: String) -> String {
        text.unicodeScalars.allSatisfy { $0.value >= 32 } ? text : JSONValue.string(text).text
    }
}
