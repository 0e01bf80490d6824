/// Where the server listens: a host name or an address, and a port.
struct ListenAddress: Equatable {
    var host: String
    /// 0: one that is free.
    var port: Int

    /// Reads `127.0.0.1:8080`, `localhost:8080` and `[::1]:8080`; `nil` for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var name = text[..<colon]
        let digits = text[text.index(after: colon)...]
        if name.hasPrefix("["), name.hasSuffix("]") {
            name = name.dropFirst().dropLast()
            guard name.contains(":"), name.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." || $0 == "%" })
            else { return nil }
        } else {
            guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") })
            else { return nil }
        }
        guard !name.isEmpty, digits.allSatisfy(\.isNumber), let port = Int(digits), (0...65_535).contains(port)
        else { return nil }
        self.init(host: String(name), port: port)
    }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether it stands for all addresses of the machine, so that others need a name for it.
    var isEverywhere: Bool { ["0.0.0.0", "::"].contains(host) }

    /// Where a browser on this machine finds it.
    var url: String {
        let reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
        return "http://\(reachable.contains(":") ? "[\(reachable)]" : reachable)\(port == 80 ? "" : ":\(port)")"
    }
}
