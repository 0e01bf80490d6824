import Alerting
import Engine

/// A schedule over time as a drawing: each layer, the overrides, and who is on call in the end, with gaps.
struct ScheduleTimeline {
    let label: String
    let viewBox: String
    let bottom: String
    let columns: [Column]
    let rows: [Row]
    let marks: [Mark]

    struct Column {
        let x: String
        let width: String
        let labelX: String
        let label: String
        let isShaded: Bool
    }

    struct Row {
        let label: String
        let labelY: String
        let spans: [Span]
    }

    struct Span {
        let x: String
        let y: String
        let width: String
        let height: String
        let textX: String
        let textY: String
        let style: String
        /// As much of the name as there is room for; empty: none.
        let label: String
        let title: String
        let shiftLink: String?
    }

    /// A line from top to bottom: now, or where clocks change.
    struct Mark {
        let x: String
        let labelX: String
        let anchor: String
        let style: String
        let label: String
    }
}

/// Draws a timeline. Lengths are thousandths of its width.
struct TimelineDrawing {
    private let view: ScheduleView
    private let people: ShiftPeople
    private let span: TimeSpan
    private let link: (Timestamp) -> String?
    private var rows: [ScheduleTimeline.Row] = []
    private var y = head

    private static let width = 1000.0
    private static let head = 40.0
    private static let barHeight = 28.0
    private static let finalHeight = 38.0
    private static let labelHeight = 19.0
    private static let gap = 9.0
    private static let letter = 7.2
    /// More spans than this in a row are not drawn: they would be narrower than a line.
    private static let mostSpans = 800

    /// - Parameter link: where a click on a time leads; `nil`: nowhere.
    static func timeline(
        _ calculator: OnCallCalculator, duties: Duties, showsGaps: Bool, view: ScheduleView, people: ShiftPeople,
        now: Timestamp, label: String, link: @escaping (Timestamp) -> String? = { _ in nil }
    ) -> ScheduleTimeline {
        var drawing = TimelineDrawing(view: view, people: people, link: link)
        if case .recurring(let layers) = duties, layers.count > 1 || layers.first?.name.isEmpty == false {
            for (index, layer) in layers.enumerated() {
                let name = layer.name.isEmpty ? "Layer \(index + 1)" : "Layer \(index + 1): \(layer.name)"
                drawing.addRow(name, calculator.shifts(ofLayer: index, in: drawing.span))
            }
        }
        let overrides = calculator.overrideShifts(in: drawing.span)
        if !overrides.isEmpty { drawing.addRow("Overrides", overrides) }
        drawing.addFinal(calculator, showsGaps: showsGaps, now: now)
        return drawing.finished(label: label, now: now)
    }

    private init(view: ScheduleView, people: ShiftPeople, link: @escaping (Timestamp) -> String?) {
        self.view = view
        self.people = people
        self.link = link
        span = view.span
    }

    private mutating func addRow(_ label: String, _ shifts: [Shift]) {
        add(label, shifts.map { shift($0, Self.barHeight) }, Self.barHeight)
    }

    /// What is over is no warning, and nobody can be put on call in it.
    private mutating func addFinal(_ calculator: OnCallCalculator, showsGaps: Bool, now: Timestamp) {
        let shifts = calculator.shifts(in: span).map { shift($0, Self.finalHeight) }
        let gaps = calculator.gaps(in: span).map { gap in
            let isWarning = showsGaps && gap.end > now
            return bar(
                gap, Self.finalHeight, style: isWarning ? "shift-gap" : "shift-free",
                name: isWarning ? "Nobody" : "", short: "–", title: "Nobody, \(SpanWords.text(gap, in: view.zone))",
                isOpen: gap.end > now)
        }
        add("On call", gaps + shifts, Self.finalHeight)
    }

    private mutating func add(_ label: String, _ spans: [ScheduleTimeline.Span], _ height: Double) {
        rows.append(
            .init(label: label, labelY: Self.text(y + 13), spans: Array(spans.prefix(Self.mostSpans))))
        y += Self.labelHeight + height + Self.gap
    }

    private func shift(_ shift: Shift, _ height: Double) -> ScheduleTimeline.Span {
        let name = people.name(shift.user)
        var style = people.style(shift.user)
        if case .override = shift.origin { style += " shift-override" }
        return bar(
            shift.span, height, style: style, name: name, title: "\(name), \(SpanWords.text(shift.span, in: view.zone))"
        )
    }

    private func bar(
        _ whole: TimeSpan, _ height: Double, style: String, name: String, short: String? = nil, title: String,
        isOpen: Bool = true
    ) -> ScheduleTimeline.Span {
        let inside = whole.clamped(to: span)
        let (left, right) = (x(inside.start), x(inside.end))
        let room = Int((right - left - 12) / Self.letter)
        let first = name.prefix { $0 != " " }
        let label = [name, String(first), short ?? initials(name)].first { $0.count <= room } ?? ""
        let top = y + Self.labelHeight
        return .init(
            x: Self.text(left), y: Self.text(top), width: Self.text(max(right - left, 1)), height: Self.text(height),
            textX: Self.text(left + 6), textY: Self.text(top + height / 2 + 4.5), style: style, label: label,
            title: title, shiftLink: isOpen ? link(inside.start) : nil)
    }

    private func initials(_ name: String) -> String {
        String(name.split(separator: " ").compactMap(\.first))
    }

    private func x(_ time: Timestamp) -> Double {
        let part = Double(time.milliseconds - span.start.milliseconds)
        return part / Double(max(span.end.milliseconds - span.start.milliseconds, 1)) * Self.width
    }

    // MARK: - Columns and marks

    private func finished(label: String, now: Timestamp) -> ScheduleTimeline {
        let bottom = y
        return ScheduleTimeline(
            label: label, viewBox: "0 0 \(Int(Self.width)) \(Int(bottom))", bottom: Self.text(bottom),
            columns: view.range == .day ? hours : days, rows: rows, marks: marks(now))
    }

    private var days: [ScheduleTimeline.Column] {
        (0..<view.days).map { index in
            let day = view.first + index
            let words = SpanWords.day(day).split(separator: " ").map(String.init)
            return column(
                view.start(of: day), view.start(of: day + 1),
                label: view.range == .month ? words[1] : "\(words[0]) \(words[1])", isShaded: day.weekday.index >= 5)
        }
    }

    /// As wall clocks show them: 23, 24 or 25 of them, or with half ones.
    private var hours: [ScheduleTimeline.Column] {
        var columns: [ScheduleTimeline.Column] = []
        var start = span.start
        while start < span.end {
            let local = view.zone.localTime(at: start).seconds
            let end = min(start + .seconds(3600 - local % 3600), span.end)
            let clock = LocalTime(seconds: local / 60 * 60).text.suffix(5)
            let hour = local % 3600 == 0 ? String(clock.prefix(2)) : String(clock)
            columns.append(column(start, end, label: hour, isShaded: (local / 3600 % 24) % 2 == 1))
            start = end
        }
        return columns
    }

    private func column(
        _ start: Timestamp, _ end: Timestamp, label: String, isShaded: Bool
    ) -> ScheduleTimeline.Column {
        let (left, right) = (x(start), x(end))
        return .init(
            x: Self.text(left), width: Self.text(right - left), labelX: Self.text((left + right) / 2), label: label,
            isShaded: isShaded)
    }

    private func marks(_ now: Timestamp) -> [ScheduleTimeline.Mark] {
        var marks = view.zone.changes(from: span.start, to: span.end).map { change in
            let minutes = abs(change.after - change.before) / 60
            let length = minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes) min"
            return mark(change.at, "Clocks \(change.after < change.before ? "back" : "forward") \(length)", "change")
        }
        if span.contains(now) { marks.append(mark(now, "Now", "now")) }
        return marks
    }

    private func mark(_ time: Timestamp, _ label: String, _ style: String) -> ScheduleTimeline.Mark {
        let place = x(time)
        let isAtEnd = place > Self.width * 0.8
        return .init(
            x: Self.text(place), labelX: Self.text(isAtEnd ? place - 4 : place + 4), anchor: isAtEnd ? "end" : "start",
            style: "mark-\(style)", label: label)
    }

    /// With one digit after the point.
    static func text(_ length: Double) -> String {
        let tenths = Int((length * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
