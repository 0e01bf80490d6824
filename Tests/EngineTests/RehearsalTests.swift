import Alerting
import Engine
import Integrations
import Simulation
import Storage
import TestSupport
import Testing

/// Stories played on a copy of a configuration.
struct RehearsalTests {
    private typealias Cast = SimulatedCast

    private static func failing(_ world: SimulatedWorld, monitor: String = "Home") -> RehearsalStory.Post {
        let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: monitor, at: world.now)
        return .init(request: RehearsalStory.request(request.body))
    }

    private static func rehearse(
        _ world: SimulatedWorld, at start: Timestamp? = nil, channels: [Channel] = [.email],
        acceptAfter: Duration? = nil, length: Duration = .hours(1), posts: [RehearsalStory.Post]? = nil
    ) async throws -> RehearsalReport {
        let rehearsal = LiveRehearsal(.database(world.disk), stage: RehearsalRoom(), channels: channels)
        return try await rehearsal.rehearse(
            RehearsalStory(
                at: start ?? world.now, source: Cast.shop, posts: posts ?? [failing(world)], acceptAfter: acceptAfter,
                length: length))
    }

    @Test func `given nobody reacts, when an hour is rehearsed, then both levels are paged and the reasons are told`()
        async throws
    {
        let world = try await SimulatedWorld()

        let report = try await Self.rehearse(world)

        #expect(report.pages.map(\.person) == ["Alice Example", "Bob Example"])
        #expect(report.pages.map { $0.at - report.start } == [.zero, .minutes(5)])
        #expect(report.alerts.first?.status == .pending)
        #expect(report.alerts.first?.people.map(\.reason.isPaged) == [true, true])
        let stages = report.lines.map(\.stage)
        for stage in [RehearsalReport.Stage.event, .filter, .key, .grouping, .priority, .policy, .level, .message] {
            #expect(stages.contains(stage), "\(stage) is missing")
        }
        #expect(report.lines.contains { $0.text == "Level 2 is Bob Example." })
    }

    @Test func `given a rehearsal, when it is over, then nothing of the installation has changed`() async throws {
        let world = try await SimulatedWorld()
        let before = try await world.alerts().count

        _ = try await Self.rehearse(world)

        #expect(try await world.alerts().count == before)
        #expect(try await world.events().isEmpty)
        #expect(world.email.attempts.isEmpty)
    }

    @Test(arguments: [(4, ["Alice Example"]), (6, ["Alice Example", "Bob Example"])])
    func `given somebody accepts, when it is rehearsed, then whoever comes later is not paged, and is told why`(
        minutes: Int, paged: [String]
    ) async throws {
        let world = try await SimulatedWorld()

        let report = try await Self.rehearse(world, acceptAfter: .minutes(minutes))

        #expect(report.pages.map(\.person) == paged)
        #expect(report.alerts.first?.status == .accepted)
        let bob = try #require(report.alerts.first?.people.last)
        #expect(bob.reason.isPaged == (minutes > 5))
        if minutes < 5 { #expect(bob.reason.cause == .levelNotReached(.accepted)) }
    }

    @Test func `given a second request that says all is well, when it comes, then the alert is resolved in time`()
        async throws
    {
        let world = try await SimulatedWorld()
        let passing = SimulatedWorld.rapidSpikeRequest("passing", monitor: "Home", at: world.now + .minutes(3))

        let report = try await Self.rehearse(
            world,
            posts: [
                Self.failing(world),
                .init(after: .minutes(3), request: RehearsalStory.request(passing.body)),
            ])

        #expect(report.alerts.first?.status == .resolved)
        #expect(report.pages.map(\.person) == ["Alice Example"])
    }

    @Test func `given a schedule and a muted person, when it is rehearsed, then who is on call and why not is said`()
        async throws
    {
        let world = try await SimulatedWorld()
        let schedule = try await ScheduleAdministration(store: world.engine.store).create(
            ScheduleDraft(
                name: "Primary", timeZone: "Europe/Berlin",
                layers: [
                    .init(startsOn: "2025-12-29T00:00", users: [Cast.alice.user, Cast.bob.user], rotation: "P7D")
                ]), by: Cast.carol.caller)
        let levels: [EscalationTarget] = [.schedule(schedule.id.rawValue), .user(Cast.carol.user)]
        _ = try await EscalationPolicyAdministration(store: world.engine.store).update(
            Cast.policy,
            with: EscalationPolicyDraft(
                name: "Shop on call", levels: levels.map { .init(targets: [$0], timeout: .minutes(5)) }),
            by: Cast.carol.caller)
        try await world.mute(Cast.carol, until: world.now + .days(30))

        let thisWeek = try await Self.rehearse(world)
        let nextWeek = try await Self.rehearse(world, at: world.now + .days(7))

        #expect(thisWeek.pages.map(\.person) == ["Alice Example"])
        #expect(nextWeek.pages.map(\.person) == ["Bob Example"])
        #expect(nextWeek.lines.contains { $0.text.contains("on call for “Primary”: Bob Example") })
        let carol = thisWeek.alerts.first?.people.first { $0.name == "Carol Example" }
        #expect(carol?.reason.cause == .leftOut(reason: "muted"))
    }

    @Test func `given nobody can be reached, when it is rehearsed, then the last resort is paged`() async throws {
        let world = try await SimulatedWorld()
        for person in Cast.people { try await world.mute(person, until: world.now + .days(30)) }

        let report = try await Self.rehearse(world)

        #expect(report.alerts.first?.isLastResort == true)
        #expect(report.pages.map(\.person) == [nil])
    }

    @Test func `given a body that nobody can read, when it is rehearsed, then the alert about it is told`() async throws
    {
        let world = try await SimulatedWorld()

        let report = try await Self.rehearse(
            world, posts: [.init(request: RehearsalStory.request(Array("?".utf8)))])

        #expect(report.alerts.first?.summary == "RapidSpike: unreadable notification")
        #expect(report.lines.first?.stage == .event)
    }

    @Test(arguments: [
        ("silent", Duration.seconds(59), Duration?.none, 1), ("silent", .days(7) + .seconds(1), nil, 1),
        ("accept-after", .hours(1), .minutes(61), 1), ("payload", .hours(1), nil, 0),
        ("payload", .hours(1), nil, Limits.rehearsalPosts + 1),
    ])
    func `given a story out of range, when it is rehearsed, then the field is named`(
        field: String, length: Duration, acceptance: Duration?, posts: Int
    ) async throws {
        let world = try await SimulatedWorld()

        let failure = await #expect(throws: Failure.self) {
            _ = try await Self.rehearse(
                world, acceptAfter: acceptance, length: length,
                posts: Array(repeating: Self.failing(world), count: posts))
        }

        #expect(failure?.code == .invalid && failure?.message.hasPrefix("\(field): ") == true)
    }

    @Test func `given an unknown source, when a story is played, then it is not found`() async throws {
        let world = try await SimulatedWorld()
        let rehearsal = LiveRehearsal(.database(world.disk), stage: RehearsalRoom(), channels: [.email])

        let failure = await #expect(throws: Failure.self) {
            _ = try await rehearsal.rehearse(
                RehearsalStory(
                    at: world.now, source: .init(424_242), posts: [Self.failing(world)], length: .hours(1)))
        }

        #expect(failure?.code == .notFound)
    }

    // MARK: - Copies

    private static func copy(of world: SimulatedWorld) async throws -> ConfigurationCopy {
        let place = try await RehearsalRoom().open()
        return try await world.disk.read { try ConfigurationCopy.read(columns: place.columns, in: $0) }
    }

    @Test func `given a copy, when it goes through JSON, then it is the same`() async throws {
        let copy = try await Self.copy(of: SimulatedWorld())

        #expect(try ConfigurationCopy(json: JSONValue.parse(copy.json.text)) == copy)
    }

    @Test func `given an export without addresses, then no address and no key is in it, and it pages the same people`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.prefer(.sms, for: Cast.bob)
        let masked = try await Self.copy(of: world).withoutAddresses()

        let rehearsal = LiveRehearsal(.export(masked), stage: RehearsalRoom(), channels: [.email, .sms])
        let report = try await rehearsal.rehearse(
            RehearsalStory(at: world.now, source: Cast.shop, posts: [Self.failing(world)], length: .hours(1)))

        let text = masked.json.text
        for secret in ["alice@example.com", Cast.bob.phone, Cast.shopKey, "chief@example.com"] {
            #expect(!text.contains(secret), "\(secret) was exported")
        }
        #expect(report.pages.map(\.person) == ["Alice Example", "Bob Example"])
        #expect(report.pages.map(\.channel) == [.email, .sms])
    }

    @Test(arguments: [
        "{}", #"{"format":"other"}"#, #"{"format":"nightbell-configuration","tables":{"users":{"columns":["id"]}}}"#,
        #"{"format":"nightbell-configuration","tables":{"users":{"columns":["id; DROP"],"rows":[]}}}"#,
        #"{"format":"nightbell-configuration","tables":{"users":{"columns":["id"],"rows":[[1,2]]}}}"#,
    ])
    func `given a file that is no export, when it is read, then it is refused`(text: String) throws {
        let value = try JSONValue.parse(text)

        #expect(throws: StorageError.self) { _ = try ConfigurationCopy(json: value) }
    }

    @Test func `given what the server sends on, then a copy and an export of the configuration know it`() async throws {
        let world = try await SimulatedWorld()
        let channels: [Channel: Throttle] = [
            .email: .usual(for: .email), .sms: Throttle([.init(2, per: .seconds(90))]), .push: Throttle([]),
        ]
        #expect(try await world.disk.read { try ServerChannels.find(in: $0) }.isEmpty)
        try await world.write { try ServerChannels.set(channels, in: $0) }

        let copy = try await world.disk.read { try ConfigurationCopy.read(columns: [:], in: $0) }

        #expect(copy.channels == channels)
        #expect(try ConfigurationCopy(json: JSONValue.parse(copy.json.text)).channels == channels)
        #expect(copy.withoutAddresses().channels == channels)
    }
}
