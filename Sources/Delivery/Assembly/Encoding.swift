import Dispatch
import Glibc
import LinuxSystem

/// What is encoded from the clips, by ffmpeg, while the machine has nothing else to do.
struct Encoding {
    private struct Kind: Sendable {
        var folder: String
        var ending: String
        var format: String
        /// After the input.
        var arguments: @Sendable (ClipPlan, _ timecode: String) -> [String]
    }

    private let blueprint: Blueprint
    private let staging: Staging
    private let job: DeliveryJob

    init(_ blueprint: Blueprint, _ staging: Staging, _ job: DeliveryJob) {
        self.blueprint = blueprint
        self.staging = staging
        self.job = job
    }

    /// Whether it can be done, before anything is written.
    static func check(_ blueprint: Blueprint) throws {
        let options = blueprint.options
        guard options.includesProxies || options.includesMXF else { return }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        guard path.split(separator: ":").contains(where: { access("\($0)/ffmpeg", X_OK) == 0 }) else {
            throw DeliveryError(
                "ffmpeg is not installed, which encodes proxies and MXF.", "未安装 ffmpeg，无法编码代理文件和 MXF。",
                next: "Install it (apt install ffmpeg), or leave --proxies and --mxf out.",
                "请安装（apt install ffmpeg），或去掉 --proxies 和 --mxf。")
        }
        let format = blueprint.recording.format
        let isXDCAM =
            format?.width == 1920 && format?.height == 1080 && [25, 50].contains(blueprint.recording.time.frameRate)
        guard !options.includesMXF || isXDCAM else {
            throw DeliveryError(
                "XDCAM HD422 is 1920 × 1080 at 25 or 50 frames, and this recording is not.",
                "XDCAM HD422 为 1920×1080、25 或 50 帧，而该录制不是。", next: "Leave --mxf out.", "请去掉 --mxf。")
        }
    }

    func run() throws -> [DeliveredFile] {
        var kinds: [Kind] = []
        if blueprint.options.includesProxies { kinds.append(Self.proxy) }
        if blueprint.options.includesMXF { kinds.append(Self.xdcam(blueprint.recording.time.frameRate)) }
        var files: [DeliveredFile] = []
        for kind in kinds {
            for clip in blueprint.clips {
                try job.step("encode")
                files.append(try encode(clip, kind))
            }
        }
        return files
    }

    private func encode(_ clip: ClipPlan, _ kind: Kind) throws -> DeliveredFile {
        let path = "\(kind.folder)/\(clip.name).\(kind.ending)"
        let key = "\(kind.folder) 1 \(clip.key)"
        if let file = staging.existing(path, key: key) { return file }
        let part = try staging.part(path)
        // Another name than the one it is hashed under: an encoder that outlived its delivery writes to nothing.
        let raw = "\(part)-\(getpid())"
        let timecode = blueprint.recording.time.timecode(clip.fileRange.lowerBound)
        let input = "\(staging.folder)/\(clip.file)"
        try IdleProcess.run(
            "ffmpeg",
            ["-v", "error", "-nostdin", "-y", "-fflags", "+bitexact", "-i", input] + kind.arguments(clip, timecode)
                + ["-flags:a", "+bitexact", "-map_metadata", "0", "-f", kind.format, raw],
            log: "\(staging.folder)/../encoder.log", keepGoing: { try job.step("encoding") })
        guard rename(raw, part) == 0 else { throw SystemError(code: errno, operation: "use", path: raw) }
        let file = try DeliveredFile.hashing(part, as: path) { try job.step("hash") }
        try staging.complete(file, key: key)
        try job.step("\(path) is noted")
        return file
    }

    private static let proxy = Kind(folder: "proxies", ending: "mp4", format: "mp4") { clip, timecode in
        let inputs = (0..<clip.movie.soundTracks).map { "[0:a:\($0)]" }.joined()
        let sound =
            clip.movie.soundTracks > 1
            ? "\(inputs)join=inputs=\(clip.movie.soundTracks):channel_layout=stereo[a]" : "[0:a:0]anull[a]"
        return [
            "-filter_complex", "[0:v:0]scale=-2:'min(540,ih)'[v];\(sound)", "-map", "[v]", "-map", "[a]",
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-threads", "2",
            "-g", "\(clip.movie.frameRate)", "-flags:v", "+bitexact", "-c:a", "aac", "-b:a", "128k", "-ac", "2",
            "-timecode", timecode,
            "-write_tmcd", "1", "-movflags", "+faststart",
        ]
    }

    /// SMPTE RDD 9; 25 progressive frames travel as fields of the same moment, 50 become fields.
    private static func xdcam(_ frameRate: Int) -> Kind {
        Kind(folder: "mxf", ending: "mxf", format: "mxf") { clip, timecode in
            let fields = frameRate == 50 ? "tinterlace=interleave_top,setfield=tff" : "setfield=tff"
            // Fifty frames' timecode to twenty-five's.
            let code = frameRate == 50 ? timecode.dropLast(2) + (Int(timecode.suffix(2))! / 2).digits(2) : timecode[...]
            return ["-map", "0:v:0"] + (0..<clip.movie.soundTracks).flatMap { ["-map", "0:a:\($0)"] } + [
                "-vf", "\(fields),format=yuv422p", "-c:v", "mpeg2video", "-profile:v", "0", "-level:v", "2",
                "-b:v", "50M", "-minrate", "50M", "-maxrate", "50M", "-bufsize", "36408333", "-g", "12", "-bf", "2",
                "-flags:v", "+ildct+ilme+bitexact", "-top", "1", "-dc", "10", "-intra_vlc", "1", "-non_linear_quant",
                "1",
                "-qmin", "1", "-qmax", "12", "-rc_max_vbv_use", "1", "-rc_min_vbv_use", "1", "-sc_threshold",
                "1000000000",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-threads", "2",
                "-c:a", "pcm_s24le", "-ar", "48000", "-timecode", String(code),
            ]
        }
    }
}

/// A program that runs only while nothing else wants to.
enum IdleProcess {
    static func run(
        _ program: String, _ arguments: [String], log: String, keepGoing: () throws -> Void
    ) throws {
        try Files.remove(log)
        let process = try ProcessHandle.spawn(
            SpawnRequest(
                executable: "/usr/bin/env",
                arguments: ["chrt", "--idle", "0", "ionice", "-c", "3", "nice", "-n", "19", program] + arguments,
                output: .file(log)))
        let ended = DispatchSemaphore(value: 0)
        process.onExit { _ in ended.signal() }
        do {
            while ended.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try keepGoing() }
        } catch {
            process.signal(SIGKILL)
            ended.wait()
            throw error
        }
        let text = String(decoding: (try? Files.read(log)) ?? [], as: UTF8.self)
        unlink(log)
        guard process.exitStatus == .exited(code: 0) else {
            throw DeliveryError(
                "\(program) \(process.exitStatus.map { "\($0)" } ?? "ended"): \(text)",
                "\(program) 失败：\(text)", next: "Is it installed? Run the same command again: it goes on where it was.",
                "请确认已安装；重新执行同一命令会从中断处继续。")
        }
    }
}
