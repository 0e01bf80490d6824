import Alerting
import Engine
import Foundation
import Outbound
import Testing

struct OutboxSenderTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("outbox-\(UUID())")

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func `given no mail server, when a message is sent, then it is a file that only we can read`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let outbox = OutboxSender(folder: folder.path, identity: try Mails.identity(), clock: Mails.FixedClock())

        let outcome = await outbox.send(Mails.message())

        #expect(outcome == .delivered(receipt: "20261123T073035.123Z-7-1.eml"))
        #expect(try files() == ["20261123T073035.123Z-7-1.eml"])
        let file = folder.appendingPathComponent("20261123T073035.123Z-7-1.eml")
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let parsed = try await Mails.parsed(Array(try Data(contentsOf: file)))
        #expect(parsed.all("Subject") == ["Shop is down"])
    }

    @Test func `given a full folder, when messages are sent, then the newest stay`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for id in 1...12 as ClosedRange<Int64> {
            let clock = Mails.FixedClock(now: Timestamp(milliseconds: id * 1000))
            let outbox = OutboxSender(folder: folder.path, identity: try Mails.identity(), clock: clock, limit: 10)
            _ = await outbox.send(Mails.message(id: id))
        }

        let names = try files()
        #expect(names.count == 10)
        #expect(names.first == "19700101T000003.000Z-3-1.eml")
    }

    @Test func `given a folder that cannot be made, when a message is sent, then it is retried`() async throws {
        let outbox = OutboxSender(
            folder: "/proc/nightbell/outbox", identity: try Mails.identity(), clock: Mails.FixedClock())

        guard case .retry = await outbox.send(Mails.message()) else {
            Issue.record("not retried")
            return
        }
    }
}
