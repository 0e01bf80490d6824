import Alerting
import Engine
import Foundation
import HTTPTypes
import Simulation
import Storage
import TestSupport
import Testing

@testable import Web

/// Contacts, devices, deliveries and readiness as a person sees them.
struct ReachPagesTests {
    @Test func `given a profile, when a phone is added, then it can be verified and removed without scripts`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = "/users/\(server.alice.id)/notifications"
            let page = try await visitor.signIn().get(link).text
            #expect(page.contains("reachable by fallback"))
            #expect(page.contains("Pause my pages") && page.contains("Set up a phone or browser"))

            let added = try await visitor.post(
                "/users/\(server.alice.id)/contacts", [("kind", "ntfy"), ("target", "https://ntfy.sh/shop")])
            let text = try await visitor.follow(added).text
            #expect(text.contains("https://ntfy.sh/shop") && text.contains("Not verified: never paged"))

            let contacts = try await server.administration.contacts.list(
                of: server.alice.id, kind: .ntfy, by: server.caller)
            let base = "/users/\(server.alice.id)/contacts/\(contacts[0].id)"
            let sent = try await visitor.post("\(base)/code")
            #expect(try await visitor.follow(sent).text.contains("not set up to send there"))
            let verified = try await visitor.post("\(base)/verification", [("code", "123456")])
            #expect(try await visitor.follow(verified).text.contains("no code that counts"))
            let removed = try await visitor.post("\(base)/deletion", [("kind", "ntfy")])
            #expect(try await visitor.follow(removed).text.contains("The contact was removed."))
        }
    }

    @Test func `given a wish for updates and before a shift, then they are on the page and can be removed`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let base = "/users/\(server.alice.id)"
            let contact = try await server.administration.contacts.list(of: server.alice.id, by: server.caller)[0]
            _ = try await visitor.signIn().post(
                "\(base)/preferences",
                [("area", "updates"), ("kind", "ALERT_RESOLVED"), ("way", "email:\(contact.id)")])
            let duty = try await visitor.post(
                "\(base)/preferences",
                [("area", "duties"), ("kind", "ON_CALL"), ("way", "email:\(contact.id)"), ("delay", "30")])
            let page = try await visitor.follow(duty).text
            #expect(page.contains("when resolved") && page.contains("30 min before a shift"))

            let kept = try await server.administration.preferences.list(of: server.alice.id, by: server.caller)
            for one in kept {
                _ = try await visitor.post("\(base)/preferences/\(one.id)/deletion", [("area", one.area.rawValue)])
            }
            #expect(try await server.administration.preferences.list(of: server.alice.id, by: server.caller) == [])
        }
    }

    @Test func `given a link for a phone, then its QR code is on the page and the phone subscribes without signing in`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let page = try await visitor.signIn().post("/users/\(server.alice.id)/devices", [("kind", "push")]).text
            #expect(page.contains("data:image/svg+xml;base64,"))
            let token = try #require(page.firstMatch(of: /\/push\/([0-9A-Za-z]{40})/)).1
            let phone = visitor.another()
            #expect(try await phone.get("/push/\(token)").text.contains("Page Alice Archer here"))
            #expect(try await phone.get("/push/wrong").status == .notFound)

            let fields = [
                ("endpoint", "https://push.example/1"), ("label", "Android"),
                ("p256dh", "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
                ("auth", "BTBZMqHH6r4Tts7J_aSIgg"),
            ]
            #expect(try await phone.post("/push/\(token)", fields).status == .noContent)
            #expect(try await phone.post("/push/\(token)", [("endpoint", "x")]).status == .unprocessableContent)
            #expect(try await visitor.get("/users/\(server.alice.id)/notifications").text.contains("Android since"))
            let others = try await server.addUser("Bob", role: .responder)
            let refused = try await visitor.another().signIn("bob@example.com")
                .post("/users/\(server.alice.id)/devices", [("kind", "push")])
            #expect(others.id != server.alice.id && refused.status == .forbidden)
        }
    }

    @Test func `given an installed page, then its manifest, icon and service worker are at the root`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let manifest = try JSONValue.parse(try await visitor.get("/manifest.webmanifest").text)
            #expect(manifest["display"]?.string == "standalone" && manifest["scope"]?.string == "/")
            let worker = try await visitor.get("/service-worker.js")
            #expect(worker.headers[.contentType] == "text/javascript; charset=utf-8")
            #expect(worker.text.contains("notificationclick"))
            #expect(worker.text.contains("pushsubscriptionchange") && worker.text.contains("\"/push/changed\""))
            #expect(try await visitor.get("/icon.svg").headers[.contentType] == "image/svg+xml")
        }
    }

    @Test func `given messages, then administrators see, retry and cancel them and nobody else does`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        _ = try await server.raise("Shop is <down>", of: shop)
        _ = try await server.engine.escalation.runOnce()
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/deliveries").text
            #expect(page.contains("Shop is &lt;down&gt;") && page.contains("waiting"))
            #expect(page.contains("tried next</span> <time") && page.contains("queued</span> <time"))
            let id = try #require(page.firstMatch(of: /\/deliveries\/([0-9]+)\/cancellation/)).1
            let cancelled = try await visitor.post("/deliveries/\(id)/cancellation")
            #expect(try await visitor.follow(cancelled).text.contains("It is not sent any more."))
            #expect(try await visitor.get("/deliveries?view=all").text.contains("cancelled by an administrator"))
            let again = try await visitor.post("/deliveries/\(id)/retry")
            #expect(try await visitor.follow(again).text.contains("sent or cancelled already"))
            let bob = try await visitor.another().signIn("bob@example.com")
            #expect(try await bob.get("/deliveries").status == .forbidden)
            #expect(try await bob.get("/readiness").status == .forbidden)
        }
    }

    @Test func `given the readiness page, then it names who would get no page, and a drill is answered by its link`()
        async throws
    {
        let server = try await PageServer()
        _ = try await server.addShop()
        let bob = try await server.addUser("Bob", role: .responder)
        _ = try await server.administration.users.mute(bob.id, until: server.clock.now + .hours(1), by: server.caller)
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/readiness").text
            #expect(page.contains("<strong>1</strong> of the people") && page.contains("quiet time"))
            #expect(page.contains("Shop policy"))
            #expect(try await visitor.get("/users").text.contains("Pages paused"))

            _ = try await visitor.post("/readiness/drills", [("name", "Autumn")])
            let calls = try await server.engine.readiness.drills(by: server.caller)[0].calls
            let token = server.engine.links.token(for: try #require(calls[0].message?.id))
            let phone = visitor.another()
            #expect(try await phone.get("/m/\(token)").text.contains("I am here"))
            #expect(try await phone.get("/m/\(token)?do=accept").text.contains("I am here"))
            #expect(try await phone.post("/m/\(token)").text.contains("has your answer"))
            #expect(try await visitor.get("/readiness").text.contains("1 of 2 answered"))

            // As a service worker and ntfy's app press a button: no cookie, no form of ours.
            let other = server.engine.links.token(for: try #require(calls[1].message?.id))
            #expect(try await visitor.another().post("/m/\(other)", [("do", "accept")]).status == .ok)
            #expect(try await visitor.get("/readiness").text.contains("2 of 2 answered"))
        }
    }
}

/// What Twilio posts.
struct TwilioRoutesTests {
    private static let settings = WebSettings(
        publicURL: "https://bell.example", version: "1", instance: "me", twilioAuthToken: "12345")

    private static func post(
        _ server: APIServer, _ path: String, _ fields: [(String, String)], signature: String? = nil
    ) async throws -> APIServer.Answer {
        let body = fields.map { Form.encode($0.0) + "=" + Form.encode($0.1) }.joined(separator: "&")
        let right = TwilioSignature(authToken: "12345").of(
            url: "https://bell.example" + path, fields: fields.map { (name: $0.0, value: $0.1) })
        let headers: HTTPFields = [
            .contentType: "application/x-www-form-urlencoded", .init("X-Twilio-Signature")!: signature ?? right,
        ]
        return try await server.send(.post, path, Array(body.utf8), key: "", headers: headers)
    }

    @Test func `given an inbound SMS, then it is believed only with Twilio's signature, and strangers hear nothing`()
        async throws
    {
        try await APIServer.run(settings: Self.settings) { server in
            let fields = [("From", "+4915100000000"), ("Body", "1a")]
            let unsigned = try await Self.post(server, "/twilio/messages", fields, signature: "wrong")
            #expect(unsigned.status == 403)
            let silent = try await Self.post(server, "/twilio/messages", fields)
            #expect(silent.status == 200 && silent.text.hasSuffix("<Response></Response>"))
            #expect(silent.headers[.contentType] == "text/xml; charset=utf-8")
            let forged = try await Self.post(server, "/twilio/status/1-forged", [("MessageStatus", "failed")])
            #expect(forged.status == 404)
            #expect(try await Self.post(server, "/twilio/voice/1-forged", []).status == 404)
        }
    }

    @Test func `given no auth token, then there is nothing at Twilio's addresses`() async throws {
        try await APIServer.run { server in
            let answer = try await Self.post(server, "/twilio/messages", [("From", "+49"), ("Body", "1a")])
            #expect(answer.status == 404)
        }
    }

    @Test func `given a call about an alert, then a key accepts it`() async throws {
        try await APIServer.run(settings: Self.settings) { server in
            let policy = try await server.policy([server.carol.id])
            let source = try await server.source(policy: policy.id)
            let alert = try #require(try await server.event(source))
            try await server.engine.escalation.runOnce()
            let message = try await server.engine.store.read { try Messages.list(of: alert, in: $0)[0].id }
            let token = server.engine.links.token(for: message)

            let call = try await Self.post(server, "/twilio/voice/\(token)", [("CallSid", "CA1")])
            #expect(call.text.contains("Disk full") && call.text.contains("/twilio/voice/\(token)/keys"))
            let pressed = try await Self.post(server, "/twilio/voice/\(token)/keys", [("Digits", "1")])
            #expect(pressed.text.contains("accepted") && !pressed.text.contains("Gather"))
            let state = try await server.engine.store.read { try Alerts.find(alert, in: $0)?.alert.status }
            #expect(state == .accepted)
            for status in ["ringing", "completed", "queued"] {
                let answer = try await Self.post(server, "/twilio/status/\(token)", [("CallStatus", status)])
                #expect(answer.status == 204)
            }
        }
    }

    @Test func `given reports in reversed order, busy lines and failures, then the last word counts and is told`()
        async throws
    {
        try await APIServer.run(settings: Self.settings) { server in
            let policy = try await server.policy([server.carol.id])
            let source = try await server.source(policy: policy.id)
            func report(_ key: String, _ reports: [[(String, String)]]) async throws -> (Receipt?, [String]) {
                let alert = try #require(try await server.event(source, key: key, summary: key))
                try await server.settle()
                let message = try await server.engine.store.read { try Messages.list(of: alert, in: $0)[0].id }
                let token = server.engine.links.token(for: message)
                for fields in reports {
                    #expect(try await Self.post(server, "/twilio/status/\(token)", fields).status == 204)
                }
                return try await server.engine.store.read { transaction in
                    let lines = try Timeline.list(of: alert, in: transaction).map(\.entry)
                    return (
                        try Messages.find(message, in: transaction)?.receiptState,
                        lines.filter { $0.kind == .messageReceipt }.compactMap(\.reason)
                    )
                }
            }

            let reversed = try await report(
                "reversed", ["delivered", "sent", "queued"].map { [("MessageStatus", $0)] })
            let busy = try await report("busy", [[("CallStatus", "busy")]])
            let undelivered = try await report(
                "failed", [[("MessageStatus", "undelivered"), ("ErrorCode", "30005")], [("MessageStatus", "sent")]])
            let window = try await report("window", [[("MessageStatus", "failed"), ("ErrorCode", "63016")]])

            #expect(reversed.0 == .delivered && reversed.1 == ["delivered"])
            #expect(busy.0 == .unanswered && busy.1 == ["unanswered"])
            #expect(undelivered.0 == .failed && undelivered.1 == ["failed 30005"])
            #expect(window.1.first?.contains("63016: WhatsApp takes free words only for 24 hours") == true)
        }
    }

    @Test func `given words by WhatsApp, then they are their sender's, and the answer goes back there`() async throws {
        try await APIServer.run(settings: Self.settings) { server in
            let (phone, carol, now) = ("+4915100000001", server.carol.id, server.clock.now)
            try await server.engine.store.write { change in
                try Contacts.insert(
                    ContactRecord(
                        id: try change.newID(), user: carol, kind: .phone, target: phone, verifiedAt: now,
                        createdAt: now), in: change.transaction)
            }
            let answer = try await Self.post(
                server, "/twilio/messages", [("From", "whatsapp:\(phone)"), ("Body", "STOP")])

            #expect(answer.text.contains("Nightbell sends nothing here any more"))
            let kept = try await server.engine.store.read {
                try Contacts.list(target: phone, kind: .phone, in: $0)[0].stoppedAt
            }
            #expect(kept != nil)
        }
    }

    @Test func `given Twilio's own library, then what it signs is believed`() async throws {
        let fields = ["From": JSONValue.string("+4915100000000"), "Body": .string("Ä & ü = +1a")]
        let lines = ["12345", "https://bell.example/twilio/messages", JSONValue.object(fields).text]
        let signed = try await ChildProcess.run(
            TestTools.python(), [TestTools.script("twilio_sign.py")],
            input: Data((lines.joined(separator: "\n") + "\n").utf8))
        let signature = try #require(signed.output.first)
        try await APIServer.run(settings: Self.settings) { server in
            let answer = try await Self.post(
                server, "/twilio/messages", [("Body", "Ä & ü = +1a"), ("From", "+4915100000000")], signature: signature)
            #expect(answer.status == 200)
        }
    }
}

struct QRCodeTests {
    @Test func `given texts of every length, then the size grows with them and a longer one is refused`() {
        #expect(QRCode("HI")?.size == 21)
        #expect(QRCode(String(repeating: "x", count: 14))?.size == 21)
        #expect(QRCode(String(repeating: "x", count: 15))?.size == 25)
        #expect(QRCode(String(repeating: "w", count: 213))?.size == 57)
        #expect(QRCode(String(repeating: "w", count: 214)) == nil)
    }

    @Test func `given a text, then its code is the one that scanners read`() {
        // Read back with zxing-cpp 2.x when it was made.
        let code = QRCode("HI")?.rows.map { $0.map { $0 ? "#" : "." }.joined() } ?? []
        #expect(code == Self.hi)
    }

    private static let hi = [
        "#######..#.##.#######", "#.....#.#..#..#.....#",
        "#.###.#..#.#..#.###.#", "#.###.#..###..#.###.#",
        "#.###.#.#####.#.###.#", "#.....#..###..#.....#",
        "#######.#.#.#.#######", ".........##..........",
        "#.#.#.#.....#...#..#.", "#.#.##.##..#.#.#.###.",
        "#...#.#..#.#.###.####", "#......#...###.###.#.",
        ".#..#.#.####.###..#..", "........#.....#...##.",
        "#######..##.#...#..##", "#.....#.......#...###",
        "#.###.#.#.#.#.#.#.#.#", "#.###.#..#.#.#.#.#.#.",
        "#.###.#.##.#.###.##.#", "#.....#...####.###.#.",
        "#######.#..#.###.####",
    ]
}
