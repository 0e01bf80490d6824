import Alerting
import Engine
import Foundation
import Simulation
import Storage
import Testing

struct StatusDeskTests {
    private typealias Cast = SimulatedCast

    private static let url = "https://shop.example.com/"

    private static func token(_ mail: String) -> String? {
        mail.firstRange(of: "/status/subscriptions/").map { range in
            String(mail[range.upperBound...].prefix { $0.isLetter || $0.isNumber })
        }
    }

    /// The bodies of the mails that went out about no alert.
    private static func bodies(_ world: SimulatedWorld) -> [String] { world.email.delivered.map(\.text) }

    private static func page(_ world: SimulatedWorld, isPublic: Bool = true) async throws -> MonitorRecord {
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))
        let monitor = try await administration.monitors.create(
            MonitorDraft(
                name: "Home", subject: .http(HTTPCheck(url: url)), interval: .seconds(30), retests: 0),
            by: Cast.carol.caller)
        _ = try await administration.statusPages.create(
            .init(slug: "Shop", name: "The shop", isPublic: isPublic, monitors: [monitor.id]), by: Cast.carol.caller)
        return monitor
    }

    @Test func `given somebody who subscribes, when it is confirmed, then failures and ends are told until it ends`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.page(world)
        try await world.engine.status.subscribe("Dora@example.com", to: "shop")
        try await world.advance(by: .minutes(1))
        let token = try #require(Self.bodies(world).first.flatMap(Self.token))
        #expect(world.email.addresses == ["dora@example.com"])
        world.prober.answer(Self.url, CheckAnswer(problem: .refused, total: .zero))
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses.count == 1)
        world.prober.answer(Self.url, CheckAnswer(total: .zero, status: 200))
        try await world.advance(by: .minutes(1))

        try await world.engine.status.confirm(token)
        #expect(try await world.engine.status.subscription(token).isConfirmed)
        world.prober.answer(Self.url, CheckAnswer(problem: .refused, total: .zero))
        try await world.advance(by: .minutes(1))
        world.prober.answer(Self.url, CheckAnswer(total: .zero, status: 200))
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses.count == 3)
        // Why it fails is nobody's business.
        #expect(Self.bodies(world).allSatisfy { !$0.contains("refused") })

        try await world.engine.status.end(token)
        world.prober.answer(Self.url, CheckAnswer(problem: .refused, total: .zero))
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses.count == 3)
        await #expect(throws: Failure.self) { try await world.engine.status.subscription(token) }
    }

    @Test func `given an address that asks again and again, when it is not confirmed, then it gets one mail an hour`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.page(world)
        for _ in 0..<5 { try await world.engine.status.subscribe("dora@example.com", to: "shop") }
        try await world.advance(by: .minutes(59))
        #expect(world.email.addresses.count == 1)

        try await world.advance(by: .minutes(2))
        try await world.engine.status.subscribe("dora@example.com", to: "shop")
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses.count == 2)
    }

    @Test func `given strangers who subscribe others, when it is too much, then it is refused for a while`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.page(world)
        for number in 0..<100 { try await world.engine.status.subscribe("a\(number)@example.com", to: "shop") }

        await #expect(throws: Failure.self) { try await world.engine.status.subscribe("b@example.com", to: "shop") }
        await #expect(throws: Failure.self) { try await world.engine.status.subscribe("no address", to: "shop") }
    }

    @Test
    func `given a page that shows a service, when its status changes, then subscribers are told, and of no reason`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))
        let service = try await administration.services.create(ServiceDraft(name: "Checkout"), by: Cast.carol.caller)
        _ = try await administration.statusPages.create(
            .init(slug: "shop", name: "The shop", services: [service.id]), by: Cast.carol.caller)
        try await world.engine.status.subscribe("dora@example.com", to: "shop")
        try await world.settle()
        let token = try #require(Self.bodies(world).first.flatMap(Self.token))
        try await world.engine.status.confirm(token)
        _ = try await administration.services.setStatus(
            .majorOutage, of: service.id, text: "Secret reason", by: Cast.alice.caller)
        try await world.settle()

        #expect(world.email.addresses == ["dora@example.com", "dora@example.com"])
        let mail = try #require(Self.bodies(world).last)
        #expect(mail.contains("Checkout: major outage since") && !mail.contains("Secret reason"))
        #expect(mail.contains("https://nightbell.example/status/subscriptions/\(token)"))
    }

    @Test func `given an alert that holds a service, when it is asked not to tell, then subscribers hear nothing`()
        async throws
    {
        for isTold in [false, true] {
            let world = try await SimulatedWorld()
            let administration = world.engine.administration(passwords: Passwords(log2N: 4))
            let service = try await administration.services.create(
                ServiceDraft(name: "Checkout"), by: Cast.carol.caller)
            _ = try await administration.statusPages.create(
                .init(slug: "shop", name: "The shop", services: [service.id], showsAlerts: isTold),
                by: Cast.carol.caller)
            _ = try await administration.actions.create(
                AlertActionDraft(
                    name: "Hold", kind: "automation_rule",
                    params: .object([
                        "alertType": .string("CREATED"), "serviceStatus": .string("DEGRADED"),
                        "serviceIds": .array([.integer(service.id.rawValue)]), "sendNotification": .bool(isTold),
                    ])), by: Cast.carol.caller)
            try await world.engine.status.subscribe("dora@example.com", to: "shop")
            try await world.settle()
            try await world.engine.status.confirm(try #require(Self.bodies(world).first.flatMap(Self.token)))
            _ = try await world.raise()
            try await world.settle()
            let held = try await world.engine.status.view("shop", for: nil)
            try await world.post(.resolve, "home")
            try await world.settle()

            #expect(world.email.addresses.filter { $0 == "dora@example.com" }.count == (isTold ? 3 : 1))
            #expect(held.services.map(\.status) == [.degraded])
            // The public reads summaries only where the page's owner allows it.
            #expect(held.alerts.map(\.summary) == (isTold ? ["Shop is down"] : []))
        }
    }

    @Test func `given a page that is not public, when a stranger asks for it, then there is none`() async throws {
        let world = try await SimulatedWorld()
        _ = try await Self.page(world, isPublic: false)

        await #expect(throws: Failure.self) { try await world.engine.status.view("shop", for: nil) }
        await #expect(throws: Failure.self) { try await world.engine.status.subscribe("d@example.com", to: "shop") }
        #expect(try await world.engine.status.view("shop", for: Cast.account).monitors.count == 1)
    }

    @Test func `given an address that is taken, when another page wants it, then it is refused`() async throws {
        let world = try await SimulatedWorld()
        _ = try await Self.page(world)
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))

        await #expect(throws: Failure.self) {
            try await administration.statusPages.create(.init(slug: "shop", name: "Other"), by: Cast.carol.caller)
        }
        for draft: StatusPageAdministration.Draft in [
            .init(slug: "a b", name: "x"), .init(slug: "x", name: ""), .init(slug: "x", name: "x", colour: "red"),
            .init(slug: "x", name: "x", monitors: [.init(999_999)]),
            .init(slug: "x", name: "x", services: [.init(999_999)]),
        ] {
            await #expect(throws: Failure.self) {
                try await administration.statusPages.create(draft, by: Cast.carol.caller)
            }
        }
    }
}
