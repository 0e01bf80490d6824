import Alerting
import Foundation
import Testing

@testable import Integrations

/// Most fixtures were written by Python's `email` library.
@Suite struct MailMessageTests {
    private func mail(_ name: String) throws -> MailMessage { MailMessage(try Fixture.bytes("email/\(name).eml")) }

    private func mail(text: String) -> MailMessage { MailMessage(Array(text.utf8)) }

    @Test func `given a plain mail, when it is read, then its header and text are there`() throws {
        let mail = try mail("firing")

        #expect(mail.from == "Shop monitoring <alerts@example.com>")
        #expect(mail.fromAddress == "alerts@example.com")
        #expect(mail.subject == "Service: Checkout (web-1) is CRITICAL")
        #expect(mail.text == "Checkout answers with 503.\nSince 10:00.")
        #expect(mail.messageID == "plain-1@mail.example.com")
        #expect(mail.sentAt == Timestamp(iso8601: "2026-01-01T09:00:00Z"))
        #expect(mail.automatic == nil)
        #expect(mail.attachments == [])
        #expect(mail.fields["to"] == "shop@bell.example")
    }

    @Test
    func `given alternatives with an attachment, when it is read, then the plain text and the file's name are there`()
        throws
    {
        let mail = try mail("alternative")

        #expect(mail.from == "Jörg Müller <joerg@example.com>")
        #expect(
            mail.subject
                == "Störung: Warenkorb langsam – größer als 2 s, und das schon seit zehn Minuten, bitte ansehen")
        #expect(mail.text == "Der Warenkorb ist langsam: größer als 2 s.\n\nGrüße")
        #expect(mail.attachments == ["Übersicht.png"])
    }

    @Test func `given HTML alone, when it is read, then its text is there without tags and scripts`() throws {
        #expect(try mail("html").text == "Disk full\nHost: db 1\nUsed: 97% & rising\na b")
    }

    @Test func `given other charsets, when they are read, then their letters are`() throws {
        let russian = try mail("koi8-r")
        #expect(russian.subject == "Тревога: температура")
        #expect(russian.from == "Датчик <sensor@example.com>")
        #expect(russian.text == "Температура высокая: 41 °C")

        let japanese = try mail("iso-2022-jp")
        #expect(japanese.subject == "障害: 決済")
        #expect(japanese.text == "サーバーが落ちました。")
    }

    @Test(arguments: [
        ("iso-8859-1", "gr=F6=DFer =80", "größer €"), ("ISO-8859-15", "=A4", "€"), ("windows-1251", "=CF=F0", "Пр"),
        ("shift_jis", "=83e=83X=83g", "テスト"), ("gb2312", "=B2=E2=CA=D4", "测试"), ("big5", "=B4=FA=B8=D5", "測試"),
        ("euc-kr", "=BD=C3=C7=E8", "시험"), ("utf-16le", "a=00=F6=00", "aö"), ("nonsense-7", "=C3=B6", "ö"),
        ("../../etc/passwd", "=F6", "ö"), ("utf-8//IGNORE", "=C3=B6", "ö"), ("", "=C3=B6", "ö"),
        ("utf-8", "=C3=28 broken", "Ã( broken"), ("shift_jis", "=83", "\u{FFFD}"),
    ])
    func `given a charset in quoted-printable, when it is read, then its letters are`(
        charset: String, body: String, text: String
    ) {
        let mail = mail(
            text: """
                Content-Type: text/plain; charset="\(charset)"
                Content-Transfer-Encoding: quoted-printable

                \(body)
                """)

        #expect(mail.text == text)
    }

    @Test func `given a forwarded mail, when it is read, then both texts are there`() throws {
        #expect(try mail("forwarded").text == "See below.\n\nSubject: Disk almost full on db-1\n\n4 % left.")
    }

    @Test func `given a report or an absence note, when it is read, then it is known for one`() throws {
        #expect(try mail("report").automatic == .report)
        #expect(try mail("absence").automatic == .reply)
        for header in [
            "X-Autoreply: yes", "X-Autorespond: x", "Precedence: auto_reply", "Auto-Submitted: auto-replied",
        ] {
            #expect(mail(text: "Subject: x\n\(header)\n\ny").automatic == .reply)
        }
        #expect(mail(text: "X-Nightbell-Message: 7\n\ny").automatic == .page)
        #expect(mail(text: "Return-Path: <>\n\ny").automatic == .report)
    }

    @Test(arguments: [
        "Auto-Submitted: auto-generated", "Auto-Submitted: no", "Precedence: bulk", "List-Id: <x>",
        "X-Auto-Response-Suppress: All", "Return-Path: <a@example.com>",
    ])
    func `given what monitors say of themselves, when it is read, then it is no reason to refuse`(header: String) {
        #expect(mail(text: "Subject: x\n\(header)\n\ny").automatic == nil)
    }

    @Test(arguments: [
        ("=?UTF-8?B?U3TDtnJ1bmc=?=", "Störung"), ("=?utf-8?q?St=C3=B6rung_1?=", "Störung 1"),
        ("=?utf-8?q?St=C3?= =?utf-8?q?=B6rung?=", "Störung"), ("a =?utf-8?q?b?= c", "a b c"),
        ("=?iso-8859-1?Q?=FC?= =?utf-8?Q?=C3=BC?=", "üü"), ("=?utf-8*de?q?=C3=BC?=", "ü"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="), ("=?utf-8?q?abc", "=?utf-8?q?abc"), ("=?=?=?", "=?=?=?"), ("", ""),
        ("=?unknown?q?=C3=BC?=", "ü"), ("100 =? 5", "100 =? 5"), ("=?utf-8?b?!!!?=x", "x"),
    ])
    func `given encoded words, when they are decoded, then the text is there`(text: String, decoded: String) {
        #expect(EncodedWords.decoded(text) == decoded)
    }

    @Test(arguments: [
        ("Thu, 1 Jan 2026 10:00:00 +0100", "2026-01-01T09:00:00Z"), ("1 Jan 2026 10:00 GMT", "2026-01-01T10:00:00Z"),
        ("Thu, 01 Jan 26 10:00:60 EST (x)", "2026-01-01T15:00:59Z"),
        ("thu, 31 dec 2026 23:59:59 -0000", "2026-12-31T23:59:59Z"),
    ])
    func `given the dates of mails, when they are read, then they are times`(text: String, time: String) {
        #expect(MailDate.read(text) == Timestamp(iso8601: time))
    }

    @Test(arguments: [
        "", "yesterday", "32 Jan 2026 10:00:00 GMT", "1 Foo 2026 10:00:00 GMT", "1 Jan 2026 1:00 GMT",
        "1 Jan 2026 10:00:00 +1", "1 Jan 2026 25:00:00 GMT", "1 Jan 1900 10:00:00 GMT", "1 Jan 2026 aa:bb GMT",
    ])
    func `given what is no date, when it is read, then there is none`(text: String) {
        #expect(MailDate.read(text) == nil)
    }

    @Test func `given long and encoded parameters, when they are read, then they are whole`() {
        let parameters = MailParameters(
            #"Attachment; filename*0*=UTF-8''St%C3%B6; filename*1*=rung.txt; name="a; \"b\".txt"; empty="#)

        #expect(parameters.value == "attachment")
        #expect(parameters["filename"] == "Störung.txt")
        #expect(parameters["name"] == #"a; "b".txt"#)
    }

    @Test func `given a flowed text, when it is read, then its lines are whole`() {
        let mail = mail(text: "Content-Type: text/plain; format=flowed\n\nThis goes \non here.\nNext.\n")

        #expect(mail.text == "This goes on here.\nNext.")
    }

    @Test(arguments: [
        "", "\n", "Subject", "Subject: x", ": x\n\ny", "Content-Type: multipart/mixed\n\nbody",
        "Content-Type: multipart/mixed; boundary=\n\nbody", "Content-Type: multipart/mixed; boundary=a\n\n--a",
        "Content-Type: multipart/mixed; boundary=a\n\n--a--\n", "Content-Transfer-Encoding: base64\n\n!!!=",
        "Content-Type: text/plain; charset=\n\n=", "From: <\nSubject: =?\n\n",
        "Content-Type: multipart/alternative; boundary=a\n\n--a\n\n \n--a\nContent-Type: text/html\n\n<p>x",
    ])
    func `given a mail that breaks the rules, when it is read, then it is read as far as it can be`(text: String) {
        let mail = mail(text: text)

        #expect(mail.subject.count <= 2)
        if text.contains("<p>x") { #expect(mail.text == "x") }
        if text.hasSuffix("\n\nbody") { #expect(mail.text == "body") }
    }

    @Test func `given any beginning of a mail, when it is read, then nothing goes wrong`() throws {
        for name in ["firing", "alternative", "html", "koi8-r", "iso-2022-jp", "forwarded", "report"] {
            let bytes = try Fixture.bytes("email/\(name).eml")
            for count in stride(from: 0, to: bytes.count, by: 11) { _ = MailMessage(Array(bytes[..<count])) }
        }
    }

    @Test func `given nests, crowds and endless tags, when they are read, then it does not take long`() {
        let deep = (0..<1000).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        let wide =
            "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 50_000)
        let html = "Content-Type: text/html\n\n"
        let hostile = [
            deep, wide, html + String(repeating: "<", count: 400_000),
            html + String(repeating: "<script>", count: 50_000),
            html + String(repeating: "<!--", count: 100_000), html + String(repeating: "&", count: 400_000),
            String(repeating: "a: b\n", count: 100_000), "Subject: " + String(repeating: "=?", count: 200_000),
            "Subject: x\n" + String(repeating: " y\n", count: 100_000),
            "Content-Type: text/plain" + String(repeating: ";a*0=b", count: 80_000),
        ]
        let started = ContinuousClock.now

        for text in hostile { _ = MailMessage(Array(text.utf8)) }

        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test func `given thousands of broken mails, when they are read, then none does harm`() async throws {
        var generator = SplitMix(state: 0xA11CE)
        let names = ["firing", "alternative", "html", "koi8-r", "iso-2022-jp", "forwarded", "report", "absence"]
        let seeds = try names.map { try Fixture.bytes("email/\($0).eml") }
        let pieces = ["=?", "?=", "\r\n\r\n", "--", "=", "\"", "<", "&#", ";", "boundary=", "\u{0}", "🛒"]
        for number in 0..<3000 {
            await Task.yield()
            var bytes = seeds[number % seeds.count]
            for _ in 0...Int.random(in: 0...4, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.insert(contentsOf: pieces.randomElement(using: &generator)?.utf8 ?? "".utf8, at: index)
                default: bytes.removeSubrange(index..<min(bytes.count, index + 15))
                }
            }
            let mail = MailMessage(bytes)
            if mail.text.count > Limits.details || mail.subject.count > 2000 { Issue.record("a limit is exceeded") }
        }
    }
}
