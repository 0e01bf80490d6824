import Alerting
import Foundation

extension CurlTransfer.Check {
    /// The name and port that it connects to first; `nil` where there is no name to be looked up: an address, or what
    /// only libcurl can read, such as a name in other letters.
    var place: (host: String, port: Int)? {
        switch self {
        case .http(let check): Self.place(check.url)
        case .fetch(let url, _): Self.place(url)
        case .connection(let host, let port): Self.named(host, port)
        case .tls(let check): Self.named(check.host, check.port)
        case .line(_, let host, let port): Self.named(host, port)
        }
    }

    private static func place(_ url: String) -> (host: String, port: Int)? {
        guard let parts = URLComponents(string: url), let host = parts.encodedHost else { return nil }
        return named(host, parts.port ?? (parts.scheme?.lowercased() == "https" ? 443 : 80))
    }

    private static func named(_ host: String, _ port: Int) -> (host: String, port: Int)? {
        let isPlain = host.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 45 || byte == 46 || byte == 95
        }
        // A last label of digits is an address in one of its many forms.
        let isNumber = host.split(separator: ".").last?.utf8.first.map { (48...57).contains($0) } ?? true
        return isPlain && !isNumber ? (host, port) : nil
    }
}
