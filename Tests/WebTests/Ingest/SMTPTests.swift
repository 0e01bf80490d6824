import Alerting
import Engine
import NIOCore
import Simulation
import Synchronization
import Testing

@testable import Web

@Suite struct SMTPTests {
    /// Takes mails to everybody at `bell.example` and remembers them.
    private final class Box: MailReceiver {
        let mails = Mutex<[ReceivedMail]>([])
        let answer: MailAnswer

        init(_ answer: MailAnswer = .taken) { self.answer = answer }

        func answer(recipient: String, sender: String) async -> MailAnswer {
            recipient.hasPrefix("busy@") ? .later("Busy") : recipient.hasSuffix("@bell.example") ? .taken : .unknown
        }

        func receive(_ mail: ReceivedMail) async -> MailAnswer {
            mails.withLock { $0.append(mail) }
            return mail.recipient.hasPrefix("no@") ? .refused("No") : answer
        }
    }

    private let box = Box()

    private func connection(_ box: Box? = nil) -> SMTPConnection {
        SMTPConnection(router: MailRouter([box ?? self.box]), hostname: "bell.example", client: "192.0.2.1")
    }

    /// Says the lines one after the other; the codes that come back.
    private func codes(_ lines: [String], _ box: Box? = nil) async -> [Int] {
        var connection = connection(box)
        var codes: [Int] = []
        for line in lines { codes += await connection.receive((line + "\r\n").utf8).map(\.code) }
        return codes
    }

    private static let begin = ["EHLO web-1", "MAIL FROM:<alerts@example.com>", "RCPT TO:<shop@bell.example>", "DATA"]

    @Test
    func `given a mail server, when it hands a mail over, then the mail is as it was and the answers are in order`()
        async
    {
        let codes = await codes(Self.begin + ["Subject: x", "", "..point", ".", "QUIT"])

        #expect(codes == [250, 250, 250, 354, 250, 221])
        let mail = box.mails.withLock { $0.first }
        #expect(
            mail
                == ReceivedMail(
                    sender: "alerts@example.com", recipient: "shop@bell.example", client: "192.0.2.1",
                    content: Array("Subject: x\r\n\r\n.point\r\n".utf8)))
    }

    @Test func `given all of it in one piece or byte by byte, when it comes, then it is the same`() async {
        let text = (Self.begin + ["Subject: x", "", "y", ".", "RSET", "QUIT"]).joined(separator: "\r\n") + "\r\n"

        var whole = connection()
        #expect(await whole.receive(text.utf8).map(\.code) == [250, 250, 250, 354, 250, 250, 221])
        var single = connection()
        var codes: [Int] = []
        for byte in text.utf8 { codes += await single.receive([byte]).map(\.code) }
        #expect(codes == [250, 250, 250, 354, 250, 250, 221])

        #expect(
            box.mails.withLock { $0.map(\.content) }
                == Array(repeating: Array("Subject: x\r\n\r\ny\r\n".utf8), count: 2))
    }

    @Test func `given what EHLO promises, when it is read, then it is there`() async {
        var connection = connection()
        let reply = await connection.receive("EHLO web-1\r\n".utf8).first

        #expect(connection.greeting.text == "220 bell.example ESMTP Nightbell\r\n")
        #expect(
            reply?.text
                == "250-bell.example\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n"
                + "250 ENHANCEDSTATUSCODES\r\n")
    }

    @Test(arguments: ["\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r\n.\rx\r\n", "\r\n..\r\n"])
    func `given what is almost the end, when it comes, then it is part of the mail`(text: String) async {
        let start = Self.begin.joined(separator: "\r\n") + "\r\n"
        let smuggled = "MAIL FROM:<evil@example.com>\r\n"

        var connection = connection()
        let replies = await connection.receive((start + "a" + text + smuggled + "\r\n.\r\n").utf8)

        #expect(replies.map(\.code) == [250, 250, 250, 354, 250])
        let mails = box.mails.withLock { $0 }
        #expect(mails.count == 1)
        #expect(mails.first?.content.count ?? 0 > smuggled.utf8.count)
    }

    @Test(arguments: [
        (["MAIL FROM:<a@example.com>"], 503), (["EHLO"], 501), (["EHLO x", "RCPT TO:<shop@bell.example>"], 503),
        (["EHLO x", "DATA"], 503), (["EHLO x", "MAIL a@example.com"], 501),
        (["EHLO x", "MAIL FROM:<a@example.com"], 501),
        (["EHLO x", "MAIL FROM:<a@example.com> SIZE=99999999"], 552),
        (["EHLO x", "MAIL FROM:<a@example.com> HOLDFOR=5"], 555),
        (["EHLO x", "MAIL FROM:<a@example.com>", "MAIL FROM:<a@example.com>"], 503),
        (["EHLO x", "MAIL FROM:<a@example.com>", "DATA"], 554),
        (["EHLO x", "MAIL FROM:<a@example.com>", "RCPT TO:<>"], 501),
        (["EHLO x", "MAIL FROM:<a@example.com>", "RCPT TO:<shop@example.com>"], 550),
        (["EHLO x", "MAIL FROM:<a@example.com>", "RCPT TO:<busy@bell.example>"], 451),
        (["AUTH PLAIN AAAA"], 502), (["STARTTLS"], 502), (["GET / HTTP/1.1"], 500), ([""], 500), (["VRFY shop"], 252),
        (["EHLO x", "MAIL FROM:<a@example.com> BODY=8BITMIME SMTPUTF8"], 250),
        (["HELO x", "MAIL FROM:<>"], 250), (["EHLO x", "mail from: <a@example.com>"], 250),
        (["EHLO x", "MAIL FROM:<a@example.com>", "RCPT TO:<@relay.example:SHOP@Bell.Example> NOTIFY=NEVER"], 250),
    ])
    func `given a command, when it is out of order or wrong or fine, then the last answer says so`(
        lines: [String], code: Int
    ) async {
        #expect(await codes(lines).last == code)
    }

    @Test func `given a mail that is too large, when it ends, then it is refused and nothing of it was kept`() async {
        var connection = connection()
        _ = await connection.receive((Self.begin.joined(separator: "\r\n") + "\r\n").utf8)
        let line = Array(String(repeating: "a", count: 998).utf8) + [13, 10]
        let chunk = Array((0..<100).map { _ in line }.joined())
        for _ in 0...(Limits.mail / chunk.count) { #expect(await connection.receive(chunk).isEmpty) }

        #expect(await connection.receive(".\r\n".utf8).map(\.code) == [552])
        #expect(!connection.isOver)
        #expect(box.mails.withLock { $0.isEmpty })
    }

    @Test func `given a long mail, when it is taken, then its beginning is kept`() async {
        var connection = connection()
        _ = await connection.receive((Self.begin.joined(separator: "\r\n") + "\r\n").utf8)
        let line = Array(String(repeating: "a", count: 998).utf8) + [13, 10]
        let chunk = Array((0..<1000).map { _ in line }.joined())

        #expect(await connection.receive(chunk + Array(".\r\n".utf8)).map(\.code) == [250])
        #expect(box.mails.withLock { $0.first?.content.count } == Limits.mailRead)
    }

    @Test func `given somebody who never ends a mail or a line, when it is enough, then they are let go`() async {
        var mail = connection()
        _ = await mail.receive((Self.begin.joined(separator: "\r\n") + "\r\n").utf8)
        let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1024 * 1024)
        for _ in 0..<21 where !mail.isOver { _ = await mail.receive(chunk) }
        #expect(mail.isOver)

        var line = connection()
        #expect(await line.receive([UInt8](repeating: UInt8(ascii: "a"), count: 3000)).map(\.code) == [500])
        #expect(line.isOver)
    }

    @Test func `given one mistake after the other, when there are ten, then the client is let go`() async {
        let codes = await codes(Array(repeating: "NONSENSE", count: 12))

        #expect(codes == Array(repeating: 500, count: 9) + [421])
    }

    @Test func `given several recipients, when they answer in several ways, then the sender does what is best for all`()
        async
    {
        func last(_ recipients: [String], _ box: Box) async -> Int? {
            let lines =
                ["EHLO x", "MAIL FROM:<a@example.com>"] + recipients.map { "RCPT TO:<\($0)@bell.example>" }
                + ["DATA", "x", "."]
            return await codes(lines, box).last
        }

        #expect(await last(["a", "no"], Box()) == 250)
        #expect(await last(["no"], Box()) == 554)
        #expect(await last(["a", "no"], Box(.later("Full"))) == 451)
        #expect(await last(["a", "a"], Box(.unknown)) == 550)
    }

    @Test func `given too many recipients or mails, when there is one more, then it has to wait`() async {
        let many = (0...Limits.mailRecipients).map { "RCPT TO:<u\($0)@bell.example>" }
        #expect(await codes(["EHLO x", "MAIL FROM:<a@example.com>"] + many).last == 452)

        let again = (0...Limits.mailsPerConnection).flatMap { _ in ["RSET", "MAIL FROM:<a@example.com>"] }
        #expect(await codes(["EHLO x"] + again).last == 421)
    }

    @Test func `given a reason with line ends or letters beyond ASCII, when it is said, then it is one line of ASCII`()
    {
        #expect(SMTPReply(550, "a\r\n250 b ö").text == "550 a??250 b ??\r\n")
    }

    @Test func `given connections, when one client or all have too many, then further ones are sent away`() {
        let places = SMTPPlaces()
        for _ in 0..<Limits.mailConnectionsPerClient { #expect(places.enter("a")) }
        #expect(!places.enter("a"))
        #expect(places.enter("b"))
        places.leave("a")
        #expect(places.enter("a"))

        for number in 0..<(Limits.mailConnections - Limits.mailConnectionsPerClient - 1) {
            #expect(places.enter("c\(number)"))
        }
        #expect(!places.enter("d"))
    }

    @Test func `given any bytes, when they come, then the dialog ends well`() async {
        var generator = SeededGenerator(seed: 25)
        let words = [
            "EHLO x", "MAIL FROM:<a@b.c>", "RCPT TO:<shop@bell.example>", "DATA", ".", "RSET", "\u{0}", "QUIT",
        ]
        for _ in 0..<500 {
            var connection = connection()
            for _ in 0..<30 where !connection.isOver {
                let line = words.randomElement(using: &generator) ?? ""
                let noise = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                for reply in await connection.receive(Array(line.utf8) + noise + [13, 10]) {
                    if !(200...599).contains(reply.code) { Issue.record("code \(reply.code)") }
                }
            }
        }
    }
}
