import ArgumentParser
import ControlClient
import Delivery
import Foundation
import VenuecastModel

struct RecordingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recording", abstract: "Recordings, and what the broadcaster gets of them.",
        subcommands: [List.self, Show.self, Deliver.self, Verify.self, Fetch.self])

    struct Deliver: Action {
        static let configuration = CommandConfiguration(
            commandName: "deliver", abstract: "Makes the folder that is handed to the broadcaster.",
            discussion: """
                A directory DATE_SESSION in --to: a clip for each report, frame for frame and without re-encoding, with \
                the time of day as timecode; the segments as they were recorded; edit lists and markers (EDL, OTIO, \
                FCP7 XML, CSV); what was planned and what happened; loudness; checksums (ASC MHL, MD5). It appears when \
                it is whole. Broken off, the same command goes on where it was. Needs no daemon.
                """)

        @Argument(help: "The session's id.")
        var session: String

        @Option(
            name: .customLong("to"),
            help: "A directory, on the disk that is handed over. Default: beside the recording, for `recording fetch`.")
        var target: String?

        @Option(help: "Where the sessions' recordings lie. Default: as the configuration has it.")
        var recordings: String?

        @Option(
            help: "The configuration; its [delivery] says what the station wants. Default: \(DeliveryChoices.usual).")
        var config: String?

        @OptionGroup var choices: DeliveryChoices
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard !session.isEmpty, !session.contains("/"), session != ".", session != ".." else {
                throw ValidationError("“\(session)” is no session's id.")
            }
        }

        func run(_ context: Context) async throws {
            let station = try DeliveryChoices.station(config)
            let recordings = recordings ?? station.recordings
            let request = DeliveryRequest(
                session: session, recordings: recordings, target: target ?? "\(recordings)/\(session)",
                options: choices.options(station.delivery), software: ("Venuecast", Venuecast.version))
            let display = DeliveryDisplay(context)
            let report = try await display.showing { cancellation, progress in
                try DeliveryJob(
                    request, isCancelled: { cancellation.isCancelled }, onProgress: progress
                ).run()
            }
            context.show(try VenuecastJSON.encode(report, pretty: true), else: display.lines(report))
        }
    }

    struct Verify: Action {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Reads every byte of a delivery again, and names what is not as it was.",
            discussion:
                "Needs no daemon, and no Venuecast on the machine that the delivery came from. Exit code 1 when "
                + "anything is wrong, missing or too much.")

        @Argument(help: "The delivery's directory.")
        var folder: String

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let display = DeliveryDisplay(context)
            let folder = folder
            let report = try await display.showing { cancellation, progress in
                try DeliveryVerification(
                    folder, isCancelled: { cancellation.isCancelled }, onProgress: progress
                ).run()
            }
            context.show(try VenuecastJSON.encode(report, pretty: true), else: display.lines(report))
            if !report.isGood { throw AlreadyTold() }
        }
    }
}

extension RecordingCommand {
    struct Fetch: Action {
        static let configuration = CommandConfiguration(
            commandName: "fetch", abstract: "Gets a delivery from the daemon, reads it again and leaves a receipt.",
            discussion: """
                Over archive.sock, also through `ssh -L`; with --url over the network. Broken off, the same command goes on \
                where it was. It was made by `recording deliver SESSION` without --to.
                """)

        @Argument(help: "The session's id.")
        var session: String

        @Argument(help: "A directory that is there; the delivery becomes one in it.")
        var directory: String

        @Option(help: "Its name, where there are several.")
        var delivery: String?

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let asker = try remote.asker(context, global)
            let display = DeliveryDisplay(context)
            let (session, directory, delivery) = (session, directory, delivery)
            let (client, folder) = try await asker.reading { client in
                let fetch = RecordingFetch(
                    client: client, session: session, directory: directory, onProgress: display.show)
                defer { display.clear() }
                return (client, try await fetch.run(delivery))
            }
            let report = try await display.showing { cancellation, progress in
                try DeliveryVerification(
                    folder, isCancelled: { cancellation.isCancelled }, onProgress: progress
                ).run()
            }
            if report.isGood {
                let chain = try DeliveredFile.hashing("\(folder)/ascmhl/ascmhl_chain.xml", as: "ascmhl_chain.xml")
                try await client.post(
                    "/v1/recordings/\(Asker.component(session))/receipt",
                    body: DeliveryReceipt(
                        delivery: folder.split(separator: "/").last.map(String.init) ?? "", files: report.good,
                        bytes: report.bytes, chainXXH64: chain.xxh64))
            }
            context.show(try VenuecastJSON.encode(report, pretty: true), else: display.lines(report))
            if !report.isGood { throw AlreadyTold() }
        }
    }
}
