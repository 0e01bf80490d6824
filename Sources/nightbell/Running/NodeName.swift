import Foundation

/// What this process is called among the nodes: the machine's name and the data folder, which one process holds.
enum NodeName {
    static func of(_ folder: DataFolder) -> String {
        let path = URL(fileURLWithPath: folder.path).standardizedFileURL.path
        return "\(ProcessInfo.processInfo.hostName):\(path)"
    }
}
