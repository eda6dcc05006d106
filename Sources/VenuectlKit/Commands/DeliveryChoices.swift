import ArgumentParser
import Delivery
import Foundation
import VenuecastConfiguration

/// What a delivery is like: as the command says, else as the configuration does, else as most stations want it.
struct DeliveryChoices: ParsableArguments {
    static let usual = "/etc/venuecast/venuecast.toml"
    private static let state = "/var/lib/venuecast"

    enum Master: String, EnumerableFlag {
        case withMaster, withoutMaster

        static func help(for value: Master) -> ArgumentHelp? {
            value == .withMaster ? "The segments of the recording itself (default)." : "Without them."
        }
    }

    @Option(help: "Seconds before and after each report that its clip has besides. Default: 5.")
    var handles: Double?

    @Option(help: "Sound of the clips: mono (a track for each channel, the default) or stereo (one track).")
    var sound: DeliveryOptions.Sound?

    @Flag(
        inversion: .prefixedNo,
        help: "Small MP4s as well, with the same timecode. They are encoded, while the machine is idle.")
    var proxies: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: "MXF OP1a as well: XDCAM HD422, 1080i50. They are encoded, while the machine is idle.")
    var mxf: Bool?

    @Flag var master: Master?

    @Flag(inversion: .prefixedNo, help: "No Chinese in the names of files.")
    var asciiNames: Bool?

    @Flag(
        inversion: .prefixedNo, help: "Edit list and markers in GBK as well, for systems that read nothing else.")
    var gbk: Bool?

    func validate() throws {
        guard (0...600).contains(handles ?? 0) else { throw ValidationError("--handles are seconds, from 0 to 600.") }
    }

    func options(_ station: Configuration.Delivery) -> DeliveryOptions {
        var options = DeliveryOptions()
        options.handleSeconds = handles ?? station.handleSeconds ?? options.handleSeconds
        options.sound = sound ?? station.sound.flatMap(DeliveryOptions.Sound.init) ?? options.sound
        options.includesProxies = proxies ?? station.proxies ?? options.includesProxies
        options.includesMXF = mxf ?? station.mxf ?? options.includesMXF
        options.includesMaster = master.map { $0 == .withMaster } ?? station.master ?? options.includesMaster
        options.usesASCIINames = asciiNames ?? station.asciiNames ?? options.usesASCIINames
        options.includesGBK = gbk ?? station.gbk ?? options.includesGBK
        return options
    }

    /// What the configuration says; without one, nothing.
    /// - Throws: what is wrong with it: a delivery that is not as the station asks is of no use.
    static func station(_ file: String?) throws -> (delivery: Configuration.Delivery, recordings: String) {
        let path = file ?? usual
        if file == nil, !FileManager.default.fileExists(atPath: path) {
            return (Configuration.Delivery(), "\(state)/recordings")
        }
        let (delivery, recordings, problems) = ConfigurationLoader().readDelivery(path: path)
        if let problem = problems.first(where: { $0.severity == .error }) {
            throw DeliveryError(
                "\(problem).", "配置文件有误：\(problem)。", next: "Or name another file with --config.", "或用 --config 指定其他文件。")
        }
        let directory = recordings ?? "recordings"
        return (delivery, directory.hasPrefix("/") ? directory : "\(state)/\(directory)")
    }
}

extension DeliveryOptions.Sound: ExpressibleByArgument {}
