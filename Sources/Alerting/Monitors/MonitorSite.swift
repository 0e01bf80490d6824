/// The website or server that monitors belong to: the host of their targets.
public struct MonitorSite: Hashable, Sendable {
    /// In lower case.
    public var host: String
    /// Where it begins, such as `https://shop.example.com`; the host when the target is no URL.
    public var root: String

    public init(target: String) {
        guard let scheme = target.firstRange(of: "://") else {
            let isAddress = target.filter { $0 == ":" }.count > 1
            var host = target.lowercased()
            if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
                host = String(host[host.index(after: host.startIndex)..<end])
            } else if !isAddress, let colon = host.lastIndex(of: ":") {
                host = String(host[..<colon])
            }
            (self.host, root) = (host, host)
            return
        }
        let name = target[..<scheme.lowerBound].lowercased()
        var place = target[scheme.upperBound...].prefix { !"/?#".contains($0) }.lowercased()
        // Who signs in there is nobody's business.
        if let at = place.lastIndex(of: "@") { place = String(place[place.index(after: at)...]) }
        root = "\(name)://\(place)"
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            host = String(place[place.index(after: place.startIndex)..<end])
        } else {
            host = String(place.prefix { $0 != ":" })
        }
    }
}

extension MonitorSubject {
    public var site: MonitorSite { MonitorSite(target: target) }

    /// What follows the host in the target; `/` at least. Empty for what is no URL.
    public var path: String {
        guard let scheme = target.firstRange(of: "://") else { return "" }
        let rest = target[scheme.upperBound...].drop { !"/?#".contains($0) }
        return rest.isEmpty ? "/" : String(rest)
    }
}
