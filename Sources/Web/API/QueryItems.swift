import Alerting
import Engine
import Foundation
import Storage

/// What follows a URL's question mark, decoded.
struct QueryItems: Sendable {
    private let items: [(name: String, value: String)]
    private static let most = 500

    /// - Parameter query: as it came; `nil` and empty mean no items.
    init(_ query: String?) {
        items = (query ?? "").split(separator: "&", maxSplits: Self.most).map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The first value that is not empty under one of the names.
    func text(_ names: String...) -> String? {
        items.first { names.contains($0.name) && !$0.value.isEmpty }?.value
    }

    /// All values under the names, repeated or separated by commas.
    func texts(_ names: String...) -> [String] {
        items.filter { names.contains($0.name) }.flatMap { $0.value.split(separator: ",").map(String.init) }
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// All values under the name, as they are.
    func whole(_ name: String) -> [String] {
        items.filter { $0.name == name && !$0.value.isEmpty }.map(\.value)
    }

    func ids<Entity>(_ names: String...) throws(Failure) -> [Identifier<Entity>] {
        var ids: [Identifier<Entity>] = []
        for name in names {
            for text in texts(name) {
                guard let id = Identifier<Entity>(text) else { throw .invalid(name, "must be ids.") }
                ids.append(id)
            }
        }
        return ids
    }

    func time(_ name: String) throws(Failure) -> Timestamp? {
        guard let text = text(name) else { return nil }
        // A plus sign that was not encoded arrives as a blank: +02:00.
        guard let time = Timestamp(iso8601: text.replacingOccurrences(of: " ", with: "+")) else {
            throw .invalid(name, "must be a time such as 2026-01-31T12:00:00Z.")
        }
        return time
    }

    /// - Parameters:
    ///   - usual: how many when the request does not say.
    ///   - most: more is refused.
    func page(usual: Int = 50, most: Int = 100) throws(Failure) -> Page {
        let offset = try number("start-index", in: 0...1_000_000_000) ?? 0
        let limit = try number("max-results", in: 1...most) ?? usual
        return Page(offset: offset, limit: limit)
    }

    /// Whether `include=name` is among the items.
    func includes(_ name: String) -> Bool {
        texts("include").contains(name)
    }

    private func number(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid(name, "must be \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private static func decoded(_ text: Substring) -> String {
        let blanks = text.replacingOccurrences(of: "+", with: " ")
        return blanks.removingPercentEncoding ?? blanks
    }
}
