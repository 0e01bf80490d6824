import Alerting
import Foundation
import Logging
import Outbound
import Storage
import StoragePostgres

/// All that an operator has set, checked; read once, here and nowhere else.
struct ServerConfiguration {
    enum Mail {
        case server(SMTPSettings)
        /// Mails become files in the data folder.
        case outbox
    }

    var dataDir: String
    /// `nil`: a file in the data folder.
    var database: PostgresAddress?
    var role: NodeRecord.Role
    var listen: ListenAddress
    /// `nil`: where the server listens.
    var publicURL: String?
    /// `nil`: no mails are taken in.
    var smtpListen: ListenAddress?
    /// What the addresses of alert sources end in; `nil`: where people and tools reach the server.
    var mailDomain: String?
    var mail: Mail
    var mailFrom: Mailbox
    var channels: ChannelSettings
    var allowsPrivateAddresses: Bool
    /// Where registries say when domains end; `nil`: the usual place.
    var rdapURL: String?
    /// `host` or `host:port`; `nil`: the usual place.
    var whoisServer: String?
    var hasBenchmarkEndpoint: Bool
    var faults: Faults
    /// Bytes; 0: no journal.
    var journalLimit: Int64
    var logLevel: Logger.Level
    var logFormat: LogLines.Format
    /// For the log, once there is one.
    var warnings: [String]

    /// Every mistake in the settings, one line each.
    struct Mistakes: Error, CustomStringConvertible {
        var lines: [String]
        /// What is odd and no mistake, but may be the reason for one.
        var warnings: [String]

        var description: String {
            let count = lines.count == 1 ? "is a mistake" : "are \(lines.count) mistakes"
            return "There \(count) in the settings:\n"
                + (lines + warnings).map { "  \($0)." }.joined(separator: "\n")
        }
    }

    init(_ sources: SettingsSources) throws(Mistakes) {
        var reader = SettingsReader(sources)
        dataDir = reader.text(.dataDir) ?? "./data"
        database = Self.database(&reader)
        role = Self.choice(.role, default: .all, &reader)
        if role != .all, database == nil, reader.mistakes.isEmpty {
            reader.refuse(.role, "must be all without \(Setting.databaseUrl.environmentName): there is one node only")
        }
        listen = Self.listen(&reader)
        publicURL = Self.publicURL(&reader)
        smtpListen = Self.smtpListen(&reader)
        mailDomain = Self.mailDomain(&reader)
        mail = Self.mail(&reader)
        mailFrom = Self.mailFrom(&reader)
        channels = ChannelSettings(&reader, publicURL: publicURL)
        allowsPrivateAddresses = reader.isOn(.allowPrivateAddresses)
        rdapURL = Self.rdapURL(&reader)
        whoisServer = reader.text(.whoisServer)
        hasBenchmarkEndpoint = reader.isOn(.benchmarkEndpoint)
        faults = Self.faults(&reader)
        journalLimit = Self.journalLimit(&reader)
        logLevel = Self.choice(.logLevel, default: .info, &reader)
        logFormat = Self.choice(.logFormat, default: .text, &reader)
        warnings = Self.unknownVariables(sources.environment)
        if listen.isEverywhere, publicURL == nil {
            warnings.append(
                "\(Setting.publicUrl.environmentName) is not set: links in mails lead to \(listen.url), "
                    + "which other machines cannot open")
        }
        guard reader.mistakes.isEmpty else { throw Mistakes(lines: reader.mistakes, warnings: warnings) }
    }

    private static func database(_ reader: inout SettingsReader) -> PostgresAddress? {
        guard let text = reader.text(.databaseUrl) else { return nil }
        do throws(StorageError) {
            return try PostgresAddress(text)
        } catch {
            let reason = if case .failed(let message) = error { message } else { "\(error)" }
            reader.refuse(.databaseUrl, "is wrong: \(withoutDot(reason))")
            return nil
        }
    }

    private static func listen(_ reader: inout SettingsReader) -> ListenAddress {
        let usual = ListenAddress(host: "127.0.0.1", port: 8080)
        guard let text = reader.text(.listen) else { return usual }
        if let address = ListenAddress(text) { return address }
        reader.refuse(
            .listen, "must be HOST:PORT, as in 127.0.0.1:8080 or [::1]:8080; it is \"\(Limits.cut(text, to: 100))\"")
        return usual
    }

    private static func smtpListen(_ reader: inout SettingsReader) -> ListenAddress? {
        guard let text = reader.text(.smtpListen) else { return nil }
        if let address = ListenAddress(text) { return address }
        reader.refuse(
            .smtpListen, "must be HOST:PORT, as in 0.0.0.0:25 or [::]:2525; it is \"\(Limits.cut(text, to: 100))\"")
        return nil
    }

    private static func rdapURL(_ reader: inout SettingsReader) -> String? {
        guard let text = reader.text(.rdapUrl) else { return nil }
        if text.hasPrefix("http://") || text.hasPrefix("https://") { return text }
        reader.refuse(.rdapUrl, "must be a URL, as in https://rdap.org/")
        return nil
    }

    private static func mailDomain(_ reader: inout SettingsReader) -> String? {
        guard let text = reader.text(.mailDomain)?.lowercased() else { return nil }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isFine = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        if isFine, text.utf8.count <= 200 { return text }
        reader.refuse(.mailDomain, "must be a domain, as in alerts.example.com")
        return nil
    }

    /// What the addresses of alert sources end in, where nothing else is said.
    static func mailDomain(of url: String) -> String {
        let host = URLComponents(string: url)?.host ?? ""
        // An address in numbers is no domain that mails could be sent to.
        return host.isEmpty || host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } ? "localhost" : host
    }

    private static func publicURL(_ reader: inout SettingsReader) -> String? {
        guard var text = reader.text(.publicUrl) else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            let host = url.host, !host.isEmpty, url.user == nil, url.query == nil, url.fragment == nil
        else {
            reader.refuse(
                .publicUrl, "must begin with http:// or https:// and a host, and have neither credentials nor a query")
            return nil
        }
        guard url.path.isEmpty else {
            reader.refuse(.publicUrl, "must not have a path: the server lives at the root of its address")
            return nil
        }
        return text
    }

    private static func mail(_ reader: inout SettingsReader) -> Mail {
        guard let text = reader.text(.smtpUrl) else { return .outbox }
        do throws(Failure) {
            return .server(try SMTPSettings(url: text))
        } catch {
            reader.refuse(.smtpUrl, "is wrong: \(withoutDot(error.message))")
            return .outbox
        }
    }

    private static func faults(_ reader: inout SettingsReader) -> Faults {
        guard let text = reader.text(.faults) else { return .none }
        if let faults = Faults(text) { return faults }
        reader.refuse(.faults, "is for tests only, and wrong")
        return .none
    }

    private static func journalLimit(_ reader: inout SettingsReader) -> Int64 {
        guard let text = reader.text(.journalLimit) else { return usualJournal << 20 }
        guard let megabytes = Int64(text), (0...largestJournal).contains(megabytes) else {
            reader.refuse(.journalLimit, "must be a number of megabytes from 0 to \(largestJournal)")
            return 0
        }
        return megabytes << 20
    }

    /// Megabytes.
    private static let usualJournal: Int64 = 256
    private static let largestJournal: Int64 = 100_000

    private static func mailFrom(_ reader: inout SettingsReader) -> Mailbox {
        do throws(Failure) {
            return try Mailbox(reader.text(.mailFrom) ?? usualSender)
        } catch {
            reader.refuse(.mailFrom, "is wrong: \(withoutDot(error.message))")
            return usualMailbox
        }
    }

    private static let usualSender = "Nightbell <nightbell@localhost>"

    private static var usualMailbox: Mailbox {
        do throws(Failure) {
            return try Mailbox(usualSender)
        } catch {
            preconditionFailure("the usual sender is no address")
        }
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ setting: Setting, default usual: Choice, _ reader: inout SettingsReader
    ) -> Choice where Choice.RawValue == String {
        guard let text = reader.text(setting) else { return usual }
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        reader.refuse(setting, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return usual
    }

    private static func unknownVariables(_ environment: [String: String]) -> [String] {
        let known = Setting.otherVariables.union(Setting.allCases.map(\.environmentName))
        return environment.keys.filter { $0.hasPrefix(Setting.environmentPrefix) && !known.contains($0) }.sorted()
            .map { "\($0) is no setting and has no effect" }
    }

    private static func withoutDot(_ sentence: String) -> String {
        String(sentence.hasSuffix(".") ? sentence.dropLast() : sentence[...])
    }
}
