public import Alerting

extension AlertEvent {
    /// The same event with every part cut to its limit and freed of control characters.
    public func withinLimits() -> AlertEvent {
        var event = self
        event.alertKey = alertKey.flatMap(Self.key)
        event.summary = summary.line(limit: Limits.summary)
        event.details = details.paragraphs(limit: Limits.details)
        // Most lists are empty.
        if !links.isEmpty { event.links = links.compactMap(Self.link).uniqued(limit: Limits.links) }
        if !images.isEmpty {
            event.images = images.filter { $0.source.utf8.count <= 2000 }.uniqued(limit: Limits.images)
        }
        event.comments = comments.prefix(Limits.comments).map {
            AlertComment(
                creator: $0.creator.line(limit: Limits.name), content: $0.content.paragraphs(limit: Limits.comment))
        }
        if labels.count > Limits.labels || labels.contains(where: { $0.key.utf8.count + $0.value.utf8.count > 1000 }) {
            let kept = labels.sorted { $0.key < $1.key }.prefix(Limits.labels)
            event.labels = Dictionary(
                kept.map { ($0.key.line(limit: Limits.name), $0.value.line(limit: 1000)) }
            ) { first, _ in first }
        }
        event.services = services.prefix(Limits.labels).map { $0.line(limit: Limits.name) }
        event.routingKeys = routingKeys.prefix(Limits.labels).map { $0.line(limit: Limits.name) }
        return event
    }

    /// A key that is too long ends in a hash of the whole, so that two of them stay different.
    private static func key(_ key: String) -> String? {
        let trimmed = key.trimmed
        guard trimmed.utf8.count > Limits.alertKey || !trimmed.allBytes({ $0 >= 0x20 }) else {
            return trimmed.isEmpty ? nil : trimmed
        }
        let line = trimmed.line(limit: Limits.alertKey + 1)
        guard line.count > Limits.alertKey || trimmed.utf8.count > Limits.alertKey * 4 else { return line.nonEmpty }
        let hash = String(fnv1a(trimmed.lowercased()), radix: 16)
        return line.prefix(Limits.alertKey - 17) + "~" + String(repeating: "0", count: 16 - hash.count) + hash
    }

    /// 64-bit FNV-1a: the same on every machine and in every version.
    private static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func link(_ link: AlertLink) -> AlertLink? {
        guard link.href.utf8.count <= 2000, let href = link.href.nonEmpty else { return nil }
        return AlertLink(href: href, text: link.text?.line(limit: Limits.name))
    }
}

extension Array where Element: Hashable {
    fileprivate func uniqued(limit: Int) -> [Element] {
        if count < 2 { return self }
        var seen: Set<Element> = []
        return Array(filter { seen.count < limit && seen.insert($0).inserted })
    }
}
