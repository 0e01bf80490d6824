/// What another set of shifts would change.
public struct ShiftChange: Equatable, Sendable {
    public var span: TimeSpan
    /// `nil`: nobody.
    public var before: User.ID?
    public var after: User.ID?

    public init(span: TimeSpan, before: User.ID?, after: User.ID?) {
        self.span = span
        self.before = before
        self.after = after
    }

    /// Every stretch of `span` in which somebody else, or nobody, is on call; in order, each as long as it goes.
    ///
    /// - Parameters:
    ///   - before: sorted and apart, and so is `after`.
    public static func between(_ before: [Shift], _ after: [Shift], in span: TimeSpan) -> [ShiftChange] {
        let edges = Set((before + after).flatMap { [$0.start, $0.end] } + [span.start, span.end])
            .filter { $0 >= span.start && $0 <= span.end }.sorted()
        var (old, new) = (0, 0)
        var changes: [ShiftChange] = []
        for (start, end) in zip(edges, edges.dropFirst()) {
            let one = user(in: before, at: start, from: &old)
            let other = user(in: after, at: start, from: &new)
            guard one != other else { continue }
            if let last = changes.last, last.span.end == start, last.before == one, last.after == other {
                changes[changes.count - 1].span.end = end
            } else {
                changes.append(ShiftChange(span: TimeSpan(start: start, end: end), before: one, after: other))
            }
        }
        return changes
    }

    private static func user(in shifts: [Shift], at time: Timestamp, from index: inout Int) -> User.ID? {
        while index < shifts.count, shifts[index].end <= time { index += 1 }
        return index < shifts.count && shifts[index].span.contains(time) ? shifts[index].user : nil
    }
}
