internal import Alerting

extension VendorPayload {
    /// What the word at the first of `paths` that holds something means; words are given in lower case.
    ///
    /// - Returns: `nil` for a word that concerns nobody.
    /// - Throws: `missing` when no path holds anything, `unsupported` for a word that is in no list.
    func kind(
        at paths: String..., alert: Set<String>, resolve: Set<String> = [], accept: Set<String> = [],
        ignored: Set<String> = []
    ) throws(IntegrationError) -> AlertEvent.Kind? {
        guard let path = paths.first(where: { self[$0] != nil }), let word = self[path] else {
            throw .missing(field: paths.first ?? "status")
        }
        let plain = word.lowercased().trimmed
        if alert.contains(plain) { return .alert }
        if resolve.contains(plain) { return .resolve }
        if accept.contains(plain) { return .accept }
        guard ignored.contains(plain) else {
            throw .unsupported(field: path, value: Limits.cut(word, to: 100))
        }
        return nil
    }

    /// The texts at these paths that hold something, joined by slashes; `nil` when none does.
    func joined(_ paths: String...) -> String? {
        let parts = paths.compactMap { self[$0] }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// The parts of a list, each to be read by itself; `nil` when there is no list at this member.
    ///
    /// - Throws: `malformed` when there are more than `Limits.eventsPerRequest`.
    func parts(of member: String) throws(IntegrationError) -> [VendorPayload]? {
        guard let items = json[member]?.array else { return nil }
        guard items.count <= Limits.eventsPerRequest else {
            throw .malformed(reason: "The notification carries more than \(Limits.eventsPerRequest) alerts.")
        }
        return items.map { VendorPayload($0) }
    }
}
