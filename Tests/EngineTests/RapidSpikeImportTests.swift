import Alerting
import Engine
import Testing

struct RapidSpikeImportTests {
    private static func read(_ kind: Monitor.Kind, _ monitor: String) throws -> RapidSpikeImport.Found? {
        let text = #"{"data":{"\#(kind.rawValue)_monitors":[{"monitor":\#(monitor)}]}}"#
        let (found, items) = try RapidSpikeImport.read(JSONValue.parse(Array(text.utf8)), kind: kind)
        #expect(items.count == 1)
        return found.first
    }

    @Test(
        arguments: [
            (
                Monitor.Kind.http,
                #"{"label":"Home","target":"/a","website":{"domain_name":"https://shop.example.com"}}"#,
                "https://shop.example.com/a"
            ),
            (.http, #"{"label":"Home","website":{"domain_name":"shop.example.com"}}"#, "https://shop.example.com/"),
            (.http, #"{"target":"http://a.example/x"}"#, "http://a.example/x"),
            (
                .http, #"{"page":{"path":"b"},"website":{"domain_name":"https://a.example/ignored"}}"#,
                "https://a.example/b"
            ),
            (.tcp, #"{"label":"DB","port":5432,"website":{"domain_name":"https://db.example"}}"#, "db.example:5432"),
            (.tcp, #"{"target":"22","server":{"ip_address":"192.0.2.1"}}"#, "192.0.2.1:22"),
            (.tcp, #"{"target":"a.example:25"}"#, "a.example:25"),
            (.ping, #"{"website":{"domain_name":"https://a.example"}}"#, "a.example"),
            (.http, #"{"label":"Nothing"}"#, nil), (.tcp, #"{"label":"Nothing"}"#, nil), (.ping, "{}", nil),
        ] as [(Monitor.Kind, String, String?)])
    func `given a monitor of theirs, when it is read, then it has a target here, or is left out`(
        _ kind: Monitor.Kind, _ monitor: String, _ target: String?
    ) throws {
        #expect(try Self.read(kind, monitor)?.target == target)
    }

    @Test func `given one that is paused, when it is read, then it is so here, and it has a name`() throws {
        let found = try #require(try Self.read(.http, #"{"paused":true,"target":"https://a.example/"}"#))

        #expect(found.isPaused && found.name == "https://a.example/")
        #expect(found.body["kind"]?.string == "HTTP" && found.body["paused"]?.bool == true)
        #expect(throws: Failure.self) { try RapidSpikeImport.read(.object([:]), kind: .http) }
    }
}
