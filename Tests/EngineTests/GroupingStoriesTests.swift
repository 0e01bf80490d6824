import Alerting
import Engine
import Simulation
import Storage
import Testing

/// The ways of grouping that look at what an event says.
struct GroupingStoriesTests {
    private typealias Cast = SimulatedCast

    private static func world(_ creation: String, _ fields: String = "{}") async throws -> SimulatedWorld {
        var shop = Cast.source(type: "API", creation: creation, at: SimulatedClock().now)
        shop.fields = try JSONValue.parse(fields)
        return try await SimulatedWorld(sources: [shop])
    }

    @Test(arguments: ["ONE_ALERT_PER_EMAIL_SUBJECT", "ONE_INCIDENT_PER_EMAIL_SUBJECT"])
    func `given grouping by summary, then the same words join, whatever their case and blanks, until it is resolved`(
        creation: String
    ) async throws {
        let world = try await Self.world(creation)

        let first = try await world.post(.alert, "a", summary: "Disk full")
        let second = try await world.post(.alert, "b", summary: " disk   FULL ")
        let other = try await world.post(.alert, "c", summary: "Disk full!")
        for key in ["a", "b"] { try await world.post(.resolve, key) }
        let later = try await world.post(.alert, "d", summary: "Disk full")

        #expect([second.reason, other.reason, later.reason] == [.groupedBySummary, .newAlert, .newAlert])
        #expect(second.alert == first.alert)
        #expect(try await world.alerts().map(\.alert.eventCount) == [2, 1, 1])
    }

    @Test func `given grouping by similarity, then the most alike summary above the threshold is joined`()
        async throws
    {
        let world = try await Self.world("INTELLIGENT_GROUPING", #"{"scoreThreshold": 0.75}"#)

        let disk = try await world.post(.alert, "a", summary: "Disk full on web1")
        let cart = try await world.post(.alert, "b", summary: "Cart is slow on web1")
        let same = try await world.post(.alert, "c", summary: "Disk FULL on db22")
        let alike = try await world.post(.alert, "d", summary: "The disk is full on web3")
        let unlike = try await world.post(.alert, "e", summary: "Login fails")

        #expect([disk.reason, cart.reason, unlike.reason] == [.newAlert, .newAlert, .newAlert])
        #expect([same.reason, alike.reason] == [.groupedBySimilarity, .groupedBySimilarity])
        #expect([same.alert, alike.alert] == [disk.alert, disk.alert])
    }

    @Test func `given similarity with a window, when the alert is older than it, then another is raised`() async throws
    {
        var shop = Cast.source(
            type: "API", creation: "INTELLIGENT_GROUPING", window: .minutes(10), at: SimulatedClock().now)
        shop.fields = .object(["scoreThreshold": .number(1)])
        let world = try await SimulatedWorld(sources: [shop])
        let first = try await world.post(.alert, "a")

        world.clock.advance(by: .minutes(10) - .milliseconds(1))
        let within = try await world.post(.alert, "b")
        world.clock.advance(by: .milliseconds(1))
        let outside = try await world.post(.alert, "c")

        #expect(within.alert == first.alert)
        #expect(outside.reason == .newAlert)
    }

    @Test func `given grouping by an extracted key, then what it names joins and is resolved by it`() async throws {
        let world = try await Self.world(
            "OPEN_RESOLVE_ON_EXTRACTION",
            #"{"alertKeyTemplate": {"textTemplate": "{{ event.summary.extractRegexGroups('host=(\\w+)') }}"}}"#)
        func post(_ kind: AlertEvent.Kind, _ summary: String) async throws -> IngestAnswer {
            // A resolving event needs no summary; this tool sends one all the same.
            try await world.post(kind, nil, summary: summary, fields: ["summary": .string(summary)])
        }

        let first = try await post(.alert, "CPU at 99 % host=web1")
        let second = try await post(.alert, "Disk full host=WEB1")
        let other = try await post(.alert, "Disk full host=web2")
        let resolved = try await post(.resolve, "All is well host=web1")

        #expect([first.reason, second.reason, other.reason] == [.newAlert, .keyOpen, .newAlert])
        #expect(resolved.alert == first.alert)
        #expect(try await world.openAlerts().map(\.alert.key) == ["web2"])
    }

    @Test func `given a thousand open alerts, when summaries are compared, then only the newest are looked at`()
        async throws
    {
        let world = try await Self.world(
            "INTELLIGENT_GROUPING", #"{"scoreThreshold": 1, "eventLimitPerMinute": 1000000}"#)
        func words(_ number: Int) -> String {
            String(number, radix: 2).map { $0 == "0" ? "a" : "b" }.joined(separator: "x") + "y"
        }
        for number in 0..<300 { try await world.post(.alert, "k\(number)", summary: words(number)) }

        let near = try await world.post(.alert, "near", summary: words(299))
        let far = try await world.post(.alert, "far", summary: words(5))

        #expect(near.reason == .groupedBySimilarity)
        #expect(far.reason == .newAlert)
    }
}
