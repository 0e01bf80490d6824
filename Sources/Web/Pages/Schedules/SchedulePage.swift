import Alerting
import Engine
import Storage

/// The on-call schedules that somebody may see, by name.
struct ScheduleListPage: HTMLPage {
    static let template = "schedule-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let link: String
        let name: String
        let person: String?
        let until: Moment?
        let next: String?
        let gaps: String?
        let zone: String
    }
}

/// One schedule over time.
struct SchedulePage: HTMLPage {
    static let template = "schedule"
    let frame: Frame
    let name: String
    let link: String
    let mayConfigure: Bool
    let now: String
    let isCovered: Bool
    let next: String?
    let head: ScheduleHead
    let timeline: ScheduleTimeline
    let gaps: [String]
    let hasGaps: Bool
    let moreGaps: String?
    let shifts: [Row]
    let hasShifts: Bool
    let moreShifts: String?
    let overrides: [Override]
    let hasOverrides: Bool
    let offers: [Offer]
    let hasOffers: Bool
    let facts: ScheduleFacts
    let feed: CalendarFeed
    /// Those who are on call, now or in their turn.
    let people: [ReachablePerson]
    let hasPeople: Bool

    struct Row {
        let person: String
        let style: String
        let time: String
        let startISO: String
        let link: String
        let origin: String
    }

    struct Override {
        let person: String
        let time: String
        let endLink: String?
    }
}

/// Somebody asks others to take a shift.
struct Offer {
    let person: String
    let time: String
    let schedule: String
    let scheduleLink: String
    let note: String?
    let takeLink: String?
    let withdrawLink: String?
}

/// What is shown, and the ways to what is beside it.
struct ScheduleHead {
    let title: String
    let tabs: [Tab]
    let previous: String
    let today: String
    let next: String
    let zone: String
    let otherZone: String?
    let otherZoneLink: String

    struct Tab {
        let label: String
        let link: String
        let isCurrent: Bool
    }

    init(_ view: ScheduleView, link: String, isOwnZone: Bool, other: String?) {
        let address = { (range: ScheduleView.Range, from: CalendarDay?, isOwn: Bool) -> String in
            let day = from.map { "&from=\($0.text)" } ?? ""
            return "\(link)?range=\(range.rawValue)\(day)\(isOwn ? "&zone=own" : "")"
        }
        title = view.title
        tabs = ScheduleView.Range.allCases.map { range in
            Tab(label: range.words, link: address(range, view.first, isOwnZone), isCurrent: range == view.range)
        }
        previous = address(view.range, view.previous, isOwnZone)
        next = address(view.range, view.next, isOwnZone)
        today = address(view.range, nil, isOwnZone)
        zone = view.zone.name
        otherZone = other
        otherZoneLink = address(view.range, view.first, !isOwnZone)
    }
}

struct ScheduleFacts {
    let kind: String
    let zone: String
    let owner: String
    let warnings: String
    let policies: [Policy]
    let hasPolicies: Bool
    let teams: [String]
    let hasTeams: Bool

    struct Policy {
        let name: String
        let link: String
    }
}

/// The address of a calendar that other programs subscribe to.
struct CalendarFeed {
    let url: String?
    let action: String
    let mayRotate: Bool
}
