import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// How the load of a schedule was shared in the last months.
struct ScheduleLoadPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/on-call-schedules/:id/load", use: show)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let schedules = site.services.administration.schedules
        let record = try await schedules.find(visit.id(), by: visit.caller)
        let months = [1, 3, 6, 12].first { "\($0)" == visit.query["months"] } ?? 6
        let load = try await schedules.load(of: record.id, months: months, by: visit.caller)
        let users = Set(load.people.map(\.user))
        let names = try await site.services.administration.users.names(of: users, by: visit.caller)
        let people = ShiftPeople(users, names: names)
        let zone = ZoneTables.table(record.timeZone) ?? ZoneTable("UTC", first: 0, changes: [])
        let page = ScheduleLoadPage(
            frame: site.frame("Load", .schedules, crumbs: SchedulePages.crumbs(record), context), name: record.name,
            tabs: [1, 3, 6, 12].map { count in
                .init(
                    label: count == 1 ? "This month" : "\(count) months",
                    link: Links.schedule(record.id) + "/load?months=\(count)", isCurrent: count == months)
            }, plot: LoadPlot(load, zone: zone, people: people), people: load.people.map { .init($0, people) },
            hasPeople: !load.people.isEmpty, zone: record.timeZone)
        return site.response(page)
    }
}

struct ScheduleLoadPage: HTMLPage {
    static let template = "schedule-load"
    let frame: Frame
    let name: String
    let tabs: [ScheduleHead.Tab]
    let plot: LoadPlot
    let people: [Person]
    let hasPeople: Bool
    let zone: String

    struct Person {
        let name: String
        let total: String
        let nights: String
        let weekends: String
        let pages: String
        let unrestfulPages: String

        init(_ person: ScheduleLoad.Person, _ people: ShiftPeople) {
            let load = person.total
            name = people.name(person.user)
            total = LoadPlot.hours(load.total)
            nights = LoadPlot.hours(load.night)
            weekends = LoadPlot.hours(load.weekend)
            pages = "\(person.pages)"
            unrestfulPages = "\(person.unrestfulPages)"
        }
    }
}

/// Columns of hours on call for each person and month, with the number of pages below.
struct LoadPlot {
    let viewBox: String
    let months: [Label]
    let rows: [Row]

    struct Label {
        let x: String
        let text: String
    }

    struct Row {
        let label: String
        let labelY: String
        let baseY: String
        let bars: [Bar]
        let pages: [Pages]
    }

    struct Bar {
        let x: String
        let y: String
        let width: String
        let height: String
        let style: String
        let title: String
    }

    struct Pages {
        let x: String
        let y: String
        let text: String
    }

    private static let width = 1000.0
    private static let left = 170.0
    private static let head = 30.0
    private static let barHeight = 64.0
    private static let rowHeight = 100.0
    private static let mostPeople = 50

    init(_ load: ScheduleLoad, zone: ZoneTable, people: ShiftPeople) {
        let shown = Array(load.people.prefix(Self.mostPeople))
        let column = (Self.width - Self.left) / Double(max(load.months.count, 1))
        let most = load.people.flatMap(\.parts).map { Self.number($0.load.total) }.max() ?? 1
        viewBox = "0 0 \(Int(Self.width)) \(Int(Self.head + Double(max(shown.count, 1)) * Self.rowHeight))"
        let months = load.months.enumerated().map { index, month in
            let words = SpanWords.day(CalendarDay(number: zone.localTime(at: month.start).day)).split(separator: " ")
            return Label(
                x: TimelineDrawing.text(Self.left + (Double(index) + 0.5) * column),
                text: words.suffix(2).joined(separator: " "))
        }
        self.months = months
        rows = shown.enumerated().map { index, person in
            let base = Self.head + Double(index) * Self.rowHeight + Self.barHeight + 8
            let name = people.name(person.user)
            let bars = person.parts.enumerated().flatMap { month, part in
                Self.bars(
                    part.load, x: Self.left + Double(month) * column + column * 0.2, width: column * 0.6, base: base,
                    scale: Self.barHeight / max(most, 1), who: "\(name), \(months[month].text)")
            }
            let pages = person.parts.enumerated().map { month, part in
                Pages(
                    x: TimelineDrawing.text(Self.left + (Double(month) + 0.5) * column),
                    y: TimelineDrawing.text(base + 17), text: "\(part.pages) \(part.pages == 1 ? "page" : "pages")")
            }
            return Row(
                label: Limits.cut(name, to: 22), labelY: TimelineDrawing.text(base - 4),
                baseY: TimelineDrawing.text(base), bars: bars, pages: pages)
        }
    }

    private static func bars(
        _ load: DutyLoad, x: Double, width: Double, base: Double, scale: Double, who: String
    ) -> [Bar] {
        var top = base
        let parts = [
            ("day", "by day", load.day), ("night", "at night", load.night), ("weekend", "on weekends", load.weekend),
        ]
        return parts.filter { $0.2 > .zero }.map { style, words, time in
            let height = number(time) * scale
            top -= height
            return Bar(
                x: TimelineDrawing.text(x), y: TimelineDrawing.text(top), width: TimelineDrawing.text(width),
                height: TimelineDrawing.text(height), style: "load-\(style)", title: "\(who): \(hours(time)) \(words)")
        }
    }

    private static func number(_ time: Duration) -> Double { Double(time.components.seconds) / 3600 }

    /// Such as `12 h` or `12.5 h`.
    static func hours(_ time: Duration) -> String {
        let tenths = (time.components.seconds * 10 + 1800) / 3600
        return tenths % 10 == 0 ? "\(tenths / 10) h" : "\(tenths / 10).\(tenths % 10) h"
    }
}
