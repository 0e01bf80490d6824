import Alerting
import Engine
import Simulation
import Storage
import Testing

/// What a page says.
struct MessageTextTests {
    private typealias Cast = SimulatedCast

    private func message(
        summary: String = "Shop is down", fields: [String: JSONValue] = [:], late: Duration = .zero
    ) async throws -> OutgoingMessage {
        let world = try await SimulatedWorld()
        try await world.post(.alert, "home", summary: summary, fields: fields)
        try await world.escalate()
        world.beDown(for: late)
        try await world.notify()
        return try #require(world.email.delivered.first)
    }

    @Test func `given an alert, then subject and both texts say what, how bad and where to answer`() async throws {
        let message = try await message(fields: [
            "details": .string("Line 1\nLine 2"), "severity": .integer(2),
            "links": .array([.object(["href": .string("https://shop.example/a"), "text": .string("Graph")])]),
        ])

        #expect(message.subject == "[HIGH] Shop is down")
        for text in [message.text, try #require(message.html)] {
            for part in ["Shop is down", "Line 1\nLine 2", "https://shop.example/a", "Graph", "HIGH", "Shop"] {
                #expect(text.contains(part), "\(part)")
            }
        }
        #expect(message.text.contains("Severity: 2"))
        let accept = try #require(message.acceptLink)
        #expect(accept.hasPrefix("https://nightbell.example/m/"))
        #expect(message.text.contains(accept))
        #expect(message.resolveLink?.hasSuffix("?do=resolve") == true)
    }

    @Test func `given words that look like HTML, then they are words in the HTML too`() async throws {
        let message = try await message(
            summary: #"<script>alert("1")</script> & 'x'"#,
            fields: [
                "details": .string("</pre><img src=x onerror=alert(1)>"),
                "links": .array([
                    .object(["href": .string(#"https://a.example/?a=1&b="><script>"#), "text": .string("<b>bold</b>")]),
                    .object(["href": .string("javascript:alert(1)"), "text": .string("Click")]),
                ]),
            ])

        let html = try #require(message.html)
        #expect(!html.contains("<script>"))
        #expect(!html.contains("<img"))
        #expect(!html.contains("<b>"))
        #expect(!html.contains("javascript:"))
        #expect(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;"))
        #expect(message.text.contains(#"<script>alert("1")</script> & 'x'"#))
    }

    @Test func `given a summary of several lines, then the subject is one line`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.engine.desk.raise(
            ManualAlert(source: Cast.shop, summary: "Down\r\nBcc: eve@example.com\nnow"), by: Cast.carol.caller)

        try await world.settle()

        #expect(world.email.delivered.map(\.subject) == ["[HIGH] Down Bcc: eve@example.com now"])
    }

    @Test(
        arguments: [
            (120, nil), (121, "late by 2 min"), (3600, "late by 60 min"), (7200, "late by 2 h"),
            (86_400 * 3, "late by 3 days"),
        ] as [(Int, String?)])
    func `given a page that goes out late, then it says by how much from two minutes on`(
        seconds: Int, words: String?
    ) async throws {
        let message = try await message(late: .seconds(seconds))

        #expect(message.subject == "[HIGH] Shop is down" + (words.map { " (\($0))" } ?? ""))
        #expect(message.text.contains("late") == (words != nil))
    }

    @Test func `given details without end, then a page carries their beginning`() async throws {
        let message = try await message(fields: ["details": .string(String(repeating: "x", count: 60_000))])

        #expect(message.text.count < 9000)
        #expect(message.text.contains("Accept: https://"))
    }
}
