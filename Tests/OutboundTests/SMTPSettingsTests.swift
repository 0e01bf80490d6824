import Alerting
import Outbound
import Testing

struct SMTPSettingsTests {
    struct Row: Sendable {
        var url: String
        var host: String
        var port: Int
        var encryption: SMTPSettings.Encryption
        var user: String?
        var password: String?
    }

    static let rows = [
        Row(url: "smtp://mail.example.com", host: "mail.example.com", port: 25, encryption: .offered),
        Row(url: "SMTP://mail.example.com/", host: "mail.example.com", port: 25, encryption: .offered),
        Row(url: "smtps://mail.example.com", host: "mail.example.com", port: 465, encryption: .implicit),
        Row(
            url: "smtp://u:p@mail.example.com", host: "mail.example.com", port: 587, encryption: .required, user: "u",
            password: "p"),
        Row(
            url: "smtp://u%40x:p@ss:w%25@mail.example.com:2525", host: "mail.example.com", port: 2525,
            encryption: .required, user: "u@x", password: "p@ss:w%"),
        Row(url: "smtp://u:p@localhost", host: "localhost", port: 587, encryption: .never, user: "u", password: "p"),
        Row(url: "smtp://127.0.0.1:1025", host: "127.0.0.1", port: 1025, encryption: .never),
        Row(url: "smtp://127.example.com", host: "127.example.com", port: 25, encryption: .offered),
        Row(url: "smtp://[::1]:1025", host: "::1", port: 1025, encryption: .never),
        Row(url: "smtp://[2001:db8::1]", host: "2001:db8::1", port: 25, encryption: .offered),
        Row(url: "smtp://localhost?starttls=required", host: "localhost", port: 25, encryption: .required),
        Row(url: "smtp://mail.example.com:25?starttls=never", host: "mail.example.com", port: 25, encryption: .never),
    ]

    @Test(arguments: rows)
    func `given a URL, when it is read, then host, port, encryption and credentials follow`(row: Row) throws {
        let settings = try SMTPSettings(url: row.url)

        #expect(settings.host == row.host)
        #expect(settings.port == row.port)
        #expect(settings.encryption == row.encryption)
        #expect(settings.user == row.user)
        #expect(settings.password == row.password)
    }

    @Test(arguments: [
        "", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://:25", "smtp://host:0",
        "smtp://host:65536",
        "smtp://host:25x", "smtp://host:", "smtp://secret@host", "smtp://u:secret%zz@host", "smtp://u:secret%0a@host",
        "smtp://ho st", "smtp://host/path", "smtp://[::1", "smtp://[::1]x", "smtp://host?x=1", "smtp://host?starttls",
        "smtp://host?starttls=perhaps", "smtps://host?starttls=never", "smtp://u:secret@host?starttls=never",
        "smtp://u:secret@host?starttls=offered", "smtp://host?helo=a%20b",
    ])
    func `given a wrong URL, when it is read, then a sentence says why and repeats nothing secret`(url: String) {
        let failure = #expect(throws: Failure.self) { try SMTPSettings(url: url) }

        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasSuffix(".") == true)
        #expect(failure?.message.contains("secret") == false)
    }

    @Test func `given credentials, when the settings are printed in any way, then they do not appear`() throws {
        let settings = try SMTPSettings(url: "smtp://alice:secret@mail.example.com")

        var dumped = ""
        dump(settings, to: &dumped)

        let printed = "\(settings) \(String(reflecting: settings)) \([settings]) \(dumped)"
        #expect(!printed.contains("secret") && !printed.contains("alice"))
        #expect("\(settings)" == "smtp://mail.example.com:587")
    }
}
