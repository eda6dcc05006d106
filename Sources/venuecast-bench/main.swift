import Foundation
import Glibc
import LinuxSystem
import VenuecastModel

/// Something that is measured in one go, with a system of its own.
struct Measurement: Sendable {
    var name: String
    var about: String
    /// Left out unless it is asked for by name.
    var isLong = false
    var run: @Sendable () async throws -> [Figure]

    static let all: [Measurement] = [
        Measurement(name: "links", about: "CPU and memory of a link beside srt-live-transmit", run: LinkCost.run),
        Measurement(
            name: "twelve", about: "start, cost, restarts and takeover with twelve venues", run: TwelveVenues.run),
        Measurement(
            name: "systemd", about: "from systemctl start to READY with twelve venues (root)", run: SystemdStart.run),
        Measurement(name: "sync", about: "flash against beep, through failovers and restarts", run: FlashAndBeep.run),
        Measurement(
            name: "failover", about: "how long a closed and a frozen source stay on air", run: FailoverTimes.run),
        Measurement(
            name: "sessions", about: "a recording beside twelve links, and how long an order takes",
            run: SessionFigures.run),
        Measurement(
            name: "recordings", about: "what kill -9 costs a recording, and whether its segments join",
            run: RecordingFigures.run),
        Measurement(
            name: "monitoring", about: "what watching costs, and how soon a fact is an alarm",
            run: MonitoringFigures.run),
        Measurement(
            name: "networks", about: "what is said of twelve links behind bad networks", run: BadNetworks.run),
        Measurement(
            name: "content", about: "what the confidence monitor costs, and how soon it tells what it sees",
            run: ContentFigures.run),
        Measurement(
            name: "calm", about: "ten minutes in which nothing is wrong (CALM_MINUTES), every core busy", isLong: true,
            run: ContentFigures.falseAlarms),
        Measurement(name: "capacity", about: "the most venues at 2 Mbit/s", run: Capacity.run),
        Measurement(
            name: "delivery", about: "a recording (DELIVERY_GB) delivered, beside cp of the same bytes",
            run: DeliveryTimes.run),
        Measurement(
            name: "download", about: "recordings over the network, beside nginx and beside twelve links",
            run: DownloadTimes.run),
        Measurement(name: "soak", about: "an hour with twelve venues (SOAK_MINUTES)", isLong: true, run: Soak.run),
    ]
}

signal(SIGPIPE, SIG_IGN)
var names: [String] = []
var jsonFile: String?
var rest = CommandLine.arguments.dropFirst()
while let argument = rest.popFirst() {
    switch argument {
    case "--json": jsonFile = rest.popFirst()
    case "--list":
        for one in Measurement.all { print("\(one.name)\t\(one.about)\(one.isLong ? " (by name only)" : "")") }
        exit(0)
    case _ where Measurement.all.contains { $0.name == argument }: names.append(argument)
    default:
        print("usage: venuecast-bench [--json FILE] [--list] [\(Measurement.all.map(\.name).joined(separator: "|"))]…")
        exit(64)
    }
}
var report = Report()
var failed = false
for one in Measurement.all where names.isEmpty ? !one.isLong : names.contains(one.name) {
    print("… \(one.name): \(one.about)")
    fflush(nil)
    do {
        report.figures += try await one.run()
    } catch {
        print("\(one.name) could not be measured: \(error)")
        failed = true
    }
}
print("\n\(report.machine)\n\(report.date), version \(report.version)\n\n\(report.table())")
if let jsonFile {
    try Files.writeAtomically(jsonFile, Array(try VenuecastJSON.encode(report, pretty: true)), mode: 0o644)
}
exit(failed ? 1 : 0)
