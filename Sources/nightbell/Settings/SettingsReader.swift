import Alerting
import Configuration
import Foundation
import Synchronization

/// Where settings come from: flags before environment variables before the settings file.
struct SettingsSources {
    var flags: [Setting: String]
    var environment: [String: String]
    /// `--config`; `nil`: `NIGHTBELL_CONFIG`, or no file.
    var file: String?
}

/// Looks settings up in all their sources and remembers every mistake that it meets.
struct SettingsReader {
    private(set) var mistakes: [String] = []
    private let config: ConfigReader
    private let trace: Trace

    /// Where a value was found or a look-up failed, last.
    private final class Trace: AccessReporter {
        struct Place {
            var provider = ""
            var isUnreadable = false
        }

        let last = Mutex(Place())

        func report(_ event: AccessEvent) {
            for result in event.providerResults {
                switch result.result {
                case .success(let found) where found.value == nil: continue
                case .success: last.withLock { $0 = Place(provider: result.providerName) }
                case .failure: last.withLock { $0 = Place(provider: result.providerName, isUnreadable: true) }
                }
                return
            }
            last.withLock { $0 = Place() }
        }
    }

    init(_ sources: SettingsSources) {
        trace = Trace()
        let flags = Dictionary(
            uniqueKeysWithValues: sources.flags.map { setting, text in
                (AbsoluteConfigKey([setting.rawValue]), ConfigValue(.string(text), isSecret: setting.isSecret))
            })
        let environment = EnvironmentVariablesProvider(
            environmentVariables: sources.environment,
            secretsSpecifier: .specific(Set(Setting.allCases.filter(\.isSecret).map(\.environmentName))))
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        if let file = sources.file ?? sources.environment[Setting.fileVariable], !file.isEmpty {
            do throws(Failure) {
                values = try Self.values(in: file, mistakes: &mistakes)
            } catch {
                mistakes.append(error.message)
            }
        }
        config = ConfigReader(
            providers: [
                InMemoryProvider(name: "flags", values: flags), environment.prefixKeys(with: "nightbell"),
                InMemoryProvider(name: "file", values: values),
            ], accessReporter: trace)
    }

    /// The setting as text; `nil` when it is nowhere, or blank.
    mutating func text(_ setting: Setting) -> String? {
        let text = config.string(forKey: ConfigKey([setting.rawValue]), isSecret: setting.isSecret)
        if trace.last.withLock({ $0.isUnreadable }) { refuse(setting, "must be a text in quotation marks") }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A switch: true or false.
    mutating func isOn(_ setting: Setting) -> Bool {
        let isOn = config.bool(forKey: ConfigKey([setting.rawValue]))
        if trace.last.withLock({ $0.isUnreadable }) { refuse(setting, "must be true or false") }
        return isOn ?? false
    }

    /// Notes a mistake in the value that was looked up last.
    mutating func refuse(_ setting: Setting, _ reason: String) {
        let provider = trace.last.withLock { $0.provider }
        let name =
            switch provider {
            case let name where name.contains("flags"): setting.flag ?? setting.rawValue
            case let name where name.contains("file"): "\"\(setting.rawValue)\" in the settings file"
            default: setting.environmentName
            }
        mistakes.append("\(name) \(reason)")
    }

    private static func values(
        in file: String, mistakes: inout [String]
    ) throws(Failure) -> [AbsoluteConfigKey: ConfigValue] {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw Failure(.invalid, "the settings file \(file) cannot be read")
        }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue.parse([UInt8](bytes))
        } catch {
            throw Failure(.invalid, "the settings file \(file) is not JSON: \(error.message)")
        }
        guard let members = document.object else {
            throw Failure(.invalid, "the settings file \(file) must hold one JSON object")
        }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let setting = Setting(rawValue: name) else {
                mistakes.append("the settings file \(file) has \"\(Limits.cut(name, to: 50))\", which is no setting")
                continue
            }
            let content: ConfigContent =
                if let text = value.string { .string(text) } else if let isOn = value.bool { .bool(isOn) } else {
                    // Neither a text nor a switch: whichever is asked for refuses it by the setting's name.
                    .int(0)
                }
            values[AbsoluteConfigKey([name])] = ConfigValue(content, isSecret: setting.isSecret)
        }
        return values
    }
}
