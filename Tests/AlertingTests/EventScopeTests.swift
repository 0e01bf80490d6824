import Simulation
import Testing

@testable import Alerting

struct EventScopeTests {
    private static let payload = #"""
        {"status": "firing", "empty": "", "zero": 0, "yes": true, "no": false, "nothing": null, "esc\u0061ped": "a\nb",
         "hosts": [{"name": "web1", "up": true, "disks": [1, 2.5]}, {"name": "wéb2", "up": false}, 7, [], {}],
         "0": "zero", "twice": 1, "twice": {"x": "last"}, "none": [], "big": 12345678901234567890}
        """#

    /// The same event with its payload as a tree, and as the text that it came as.
    private func both() throws -> [EventScope] {
        let bytes = Array(Self.payload.utf8)
        return try [JSONDocument(JSONValue.parse(bytes)), JSONDocument(JSONOutline(bytes))].map { document in
            var event = AlertEvent(kind: .alert, summary: "Disk full", labels: ["team": "shop"])
            event.customDocument = document
            return EventScope(event)
        }
    }

    @Test func `given a payload as text or as a tree, then every path leads to the same`() async throws {
        let scopes = try both()
        let names = [
            "status", "hosts", "name", "disks", "0", "1", "9", "twice", "x", "nothing", "escaped", "empty", "none",
            "customDetails", "event", "labels", "team", "summary", "big", "",
        ]
        var random = Random(seed: 5)
        var found = 0
        for _ in 0..<20_000 {
            await Task.yield()
            let steps = (0..<(1 + random.below(5))).map { _ in
                random.below(4) == 0
                    ? ValuePath.Step.index(random.below(4) - 1) : .member(names[random.below(names.count)])
            }
            let path = ValuePath([.member(random.below(2) == 0 ? "event" : names[random.below(names.count)])] + steps)
            let values = scopes.map { $0.value(at: path) }
            #expect(values[0] == values[1], "\(path)")
            #expect(scopes[0].place(at: path)?.isFilled == scopes[1].place(at: path)?.isFilled, "\(path)")
            if values[0] != nil { found += 1 }
        }
        #expect(found > 200)
    }

    @Test(arguments: [
        "{{#hosts}}<{{name}}{{#up}}+{{/up}}{{^up}}-{{/up}}{{#disks}}{{.}},{{/disks}}>{{/hosts}}", "{{ hosts }}",
        "{{#twice}}{{x}}{{/twice}}", "{{#none}}x{{/none}}{{^none}}y{{/none}}", "{{#yes}}{{status}}{{/yes}}",
        "{{#nothing}}x{{/nothing}}{{#zero}}{{.}}{{/zero}}{{#no}}x{{/no}}{{^empty}}e{{/empty}}",
        "{{ big }}{{ hosts[2] }}",
        "{{#hosts}}{{ .name.upperCase() }}{{/hosts}}", "{{#status}}{{.}}{{/status}}", "{{ escaped }}",
        "{{#hosts}}{{#disks}}{{name}}{{/disks}}{{/hosts}}", "{{ hosts.joinFromObjectArr('name') }}",
    ])
    func `given a payload as text or as a tree, then a template says the same`(text: String) throws {
        let texts = try both().map { try Template(text).render(over: $0) }

        #expect(texts[0] == texts[1])
        #expect(!texts[0].isEmpty)
    }
}
