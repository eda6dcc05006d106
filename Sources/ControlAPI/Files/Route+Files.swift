import Foundation
import Hummingbird
import LinuxSystem
import NIOPosix
import VenuecastModel

extension Route {
    private static let readers: Set<SocketRole> = [.operator, .archive]

    /// The files of a recording and of what was delivered beside it; what an internal session has is for operators alone.
    static let files: [Route] = [
        Route(method: .get, path: "/recordings", roles: readers) { service, call in
            let recordings = try await service.recordings().filter { call.maySee($0) }
            return .html(FilePages.sessions(recordings.map(\.summary)))
        },
        Route(method: .get, path: "/v1/recordings/{id}/files", roles: readers) { service, call in
            let recording = try await visible(service, call)
            let entries = try await onDisk { try FileTree(root: recording.directory).list() }
            let session = recording.summary.session
            if call.headers[.accept]?.contains("text/html") == true {
                return .html(FilePages.files(session, entries))
            }
            return try .json(entries.map { RecordingFile(path: $0.path, bytes: $0.bytes, etag: FileTag($0).etag) })
        },
        Route(method: .get, path: "/v1/recordings/{id}/files/{path}", roles: readers) { service, call in
            let recording = try await visible(service, call)
            let path = call.parameters["path"] ?? ""
            let file = try await onDisk { try FileTree(root: recording.directory).open(path) }
            return send(file, path, call)
        },
        Route(method: .post, path: "/v1/recordings/{id}/receipt", roles: readers) { service, call in
            let recording = try await visible(service, call)
            let receipt = try DeliveryReceipt(reading: call.body)
            let line = ReceiptMark(
                at: VenuecastJSON.format(Date()), uid: call.person.uid, user: call.person.name, receipt: receipt)
            try await onDisk {
                try Files.append(
                    "\(recording.directory)/\(ReceiptMark.file)", Array(VenuecastJSON.encode(line)) + [0x0A])
            }
            return try .json(receipt)
        },
    ]

    private static func visible(
        _ service: any ControlService, _ call: Call
    ) async throws(ControlError) -> RecordingDetail {
        let session = call.parameters["id"] ?? ""
        guard let recording = try await service.recording(session), call.maySee(recording) else {
            throw ControlError.unknownRecording(session)
        }
        return recording
    }

    private static func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await DownloadDisk.pool.runIfActive(body)
        } catch let error as SystemError where error.code == ENOENT {
            throw ControlError(
                status: 404, code: "unknown-file", title: "No such file", detail: "There is no such file.",
                nextStep: "GET /v1/recordings/{session}/files lists what there is.", detailZh: "没有该文件。",
                nextStepZh: "请查看 /v1/recordings/{session}/files。")
        }
    }

    private static func send(_ file: FileTree.OpenFile, _ path: String, _ call: Call) -> Response {
        let tag = FileTag(file)
        var headers: HTTPFields = [
            .eTag: tag.etag, .lastModified: tag.lastModified, .acceptRanges: "bytes",
            .cacheControl: "private, no-cache",
            .contentType: FilePages.mediaType(path),
        ]
        switch tag.verdict(call.headers) {
        case .notModified: return Response(status: .notModified, headers: headers)
        case .preconditionFailed: return Response(status: .preconditionFailed, headers: headers)
        case .send: break
        }
        let wanted = tag.allowsRange(call.headers) ? ByteRange(call.headers[.range], size: file.bytes) : .whole
        switch wanted {
        case .notSatisfiable:
            headers[.contentRange] = "bytes */\(file.bytes)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.bytes)"
            return Response(status: .partialContent, headers: headers, body: .file(file, range, call))
        case .whole:
            return Response(status: .ok, headers: headers, body: .file(file, 0..<file.bytes, call))
        }
    }
}

extension ResponseBody {
    private static let pieceBytes = 256 << 10

    private static func read(_ file: FileTree.OpenFile, _ range: Range<Int>) -> Task<ByteBuffer, any Error> {
        Task {
            try await DownloadDisk.pool.runIfActive {
                var buffer = ByteBufferAllocator().buffer(capacity: range.count)
                try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count) { room in
                    try file.read(
                        at: range.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: room[..<range.count]))
                    return range.count
                }
                return buffer
            }
        }
    }

    /// - Throws, in the middle of it, when the file is cut off: the connection ends, and no client takes it for whole.
    fileprivate static func file(_ file: FileTree.OpenFile, _ range: Range<Int>, _ call: Call) -> ResponseBody {
        let rate = call.environment.limits.downloadBytesPerSecond
        return ResponseBody(contentLength: range.count) { writer in
            var pieces = stride(from: range.lowerBound, to: range.upperBound, by: pieceBytes).map {
                $0..<min($0 + pieceBytes, range.upperBound)
            }[...]
            // The next one is read while this one is sent.
            var next = pieces.popFirst().map { read(file, $0) }
            while let current = next {
                let bytes = try await current.value
                try await DownloadPace.shared.pass(bytes.readableBytes, bytesPerSecond: rate)
                next = pieces.popFirst().map { read(file, $0) }
                try await writer.write(bytes)
            }
            try await writer.finish(nil)
        }
    }
}

/// Threads that wait for the recordings' disk: nobody else's answer waits behind them.
private enum DownloadDisk {
    static let pool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()
}

extension Response {
    fileprivate static func html(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
            ],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
