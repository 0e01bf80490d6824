import Alerting
import Engine
import Storage

/// The incidents of a status page as a feed (RFC 4287).
enum StatusFeed {
    private static let most = 50

    static func atom(_ view: StatusDesk.View, publicURL: String, now: Timestamp) -> String {
        let address = publicURL + Links.status(view.page.slug)
        let troubles = StatusTrouble.all(of: view).prefix(most)
        let updated = troubles.map { $0.end ?? $0.start }.max() ?? view.page.createdAt
        let entries = troubles.map { trouble in
            let title = "\(trouble.name) \(trouble.end == nil ? trouble.words : trouble.endWords)"
            let until = trouble.end.map { " until \($0.iso8601)" } ?? ""
            let words = "\(trouble.name) \(trouble.pastWords) from \(trouble.start.iso8601)\(until)."
            return """
                <entry><id>\(escaped(address))#\(trouble.id)</id>\
                <title>\(escaped(title))</title><updated>\((trouble.end ?? trouble.start).iso8601)</updated>\
                <published>\(trouble.start.iso8601)</published><link href="\(escaped(address))"/>\
                <content type="text">\(escaped(words))</content>\
                </entry>
                """
        }
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <feed xmlns="http://www.w3.org/2005/Atom"><id>\(escaped(address))</id>\
            <title>\(escaped(view.page.name))</title><updated>\(updated.iso8601)</updated>\
            <author><name>\(escaped(view.page.name))</name></author>\
            <link href="\(escaped(address))"/><link rel="self" href="\(escaped(address))/feed.atom"/>
            \(entries.joined(separator: "\n"))
            </feed>

            """
    }

    /// As text of XML, without what XML may not have.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t": break
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
