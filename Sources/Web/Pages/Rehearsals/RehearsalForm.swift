import Alerting
import Engine
import Integrations
import Storage

/// What somebody types about a story to be tried out. Its time is on a wall in its zone.
struct RehearsalForm {
    var source: AlertSource.ID?
    /// Such as `2026-12-24T08:00`.
    var at: String
    var zone: String
    var payload: String
    /// Minutes after which the first person accepts; blank: nobody reacts.
    var acceptAfter: String
    /// Hours that are watched.
    var hours: String

    static let hours = [1, 2, 6, 12, 24, 72]

    /// For a new one: now, with a test event of the source.
    init(_ source: AlertSourceRecord?, zone name: String, now: Timestamp) {
        let zone = Zone(name) ?? .utc
        let wall = zone.wallTime(at: now)
        self.source = source?.id
        at = "\(wall.day.text)T\(SupportHours.text(wall.minute))"
        self.zone = zone.name
        payload = source.map { Self.sample(of: $0, at: now) } ?? ""
        acceptAfter = ""
        hours = "1"
    }

    init(_ form: Form) {
        source = AlertSource.ID(form["source"])
        at = form["at"]
        zone = form["zone"]
        payload = form.raw("payload")
        acceptAfter = form["accept"]
        hours = form["hours"]
    }

    /// What the source's tool would send about a problem; blank where that is no body.
    static func sample(of source: AlertSourceRecord, at now: Timestamp) -> String {
        guard let request = TestEvent(source)?.request(isFailing: true, at: now) else { return "" }
        // A rehearsal needs no key, and not everybody may see it.
        return PrettyJSON.text(ofBody: request.body).replacing(source.integrationKey, with: "…")
    }

    func story() throws(Failure) -> RehearsalStory {
        guard let source else { throw Failure(.invalid, "Choose an alert source.") }
        guard let zone = Zone(zone) else { throw Failure(.invalid, "Choose a time zone.") }
        guard let wall = WallTime(at) else { throw Failure(.invalid, "Enter when it happens.") }
        guard let watched = Int(hours), Self.hours.contains(watched) else {
            throw Failure(.invalid, "Choose how long is watched.")
        }
        var acceptance: Duration?
        if !acceptAfter.isEmpty {
            guard let minutes = Int(acceptAfter), (0...watched * 60).contains(minutes) else {
                throw Failure(.invalid, "Enter after how many minutes somebody accepts, within what is watched.")
            }
            acceptance = .minutes(minutes)
        }
        return RehearsalStory(
            at: zone.first(wall), source: source, posts: [.init(request: RehearsalStory.request(Array(payload.utf8)))],
            acceptAfter: acceptance, length: .hours(watched))
    }
}
